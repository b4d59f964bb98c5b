package client

import "slices"

// calls are the requests without an answer, in the order in which they were made. Each is settled once: with the answer, or an error.
type calls []*call

// call is one request.
type call struct {
	id      string
	payload []byte // nil: it was a ping frame
	sent    bool
	settle  func(*Message, error)
}

func (c *calls) add(id string, payload []byte, settle func(*Message, error)) {
	*c = append(*c, &call{id, payload, payload == nil, settle})
}

// due returns the requests to send now, and marks them as sent.
func (c *calls) due() (payloads [][]byte) {
	for _, each := range *c {
		if !each.sent {
			each.sent = true
			payloads = append(payloads, each.payload)
		}
	}
	return payloads
}

// again marks a request as unsent; an empty id stands for all of them. It returns false if there is none.
func (c *calls) again(id string) (found bool) {
	for _, each := range *c {
		if each.payload != nil && (id == "" || each.id == id) {
			each.sent, found = false, true
		}
	}
	return found
}

// answer settles the request with the id. It returns false if there is none.
func (c *calls) answer(id string, m *Message, err error) bool {
	i := slices.IndexFunc(*c, func(each *call) bool { return each.id == id })
	if i < 0 {
		return false
	}
	settle := (*c)[i].settle
	*c = slices.Delete(*c, i, i+1)
	settle(m, err)
	return true
}

// fail settles all requests.
func (c *calls) fail(err error) {
	all := *c
	*c = nil
	for _, each := range all {
		each.settle(nil, err)
	}
}
