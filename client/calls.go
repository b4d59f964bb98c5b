package client

// calls are the requests without an answer, by id. Each is settled once: with the answer, or an error.
type calls map[string]func(*Message, error)

func (c *calls) add(id string, settle func(*Message, error)) {
	if *c == nil {
		*c = make(calls)
	}
	(*c)[id] = settle
}

// answer settles the request with the id. It returns false if there is none.
func (c *calls) answer(id string, m *Message, err error) bool {
	settle := (*c)[id]
	if settle != nil {
		delete(*c, id)
		settle(m, err)
	}
	return settle != nil
}

// fail settles all requests.
func (c *calls) fail(err error) {
	all := *c
	*c = nil
	for _, settle := range all {
		settle(nil, err)
	}
}
