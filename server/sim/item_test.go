package sim

import (
	"bytes"
	"fmt"

	"momentum/netpoll"
)

// itemKind is the meaning of some bytes that a client sent.
type itemKind uint8

const (
	itemHeader itemKind = iota // a PROXY header
	itemRequest
	itemSay     // a message for others
	itemAsk     // a message that wants a pong
	itemRefresh // a message with another token
	itemSubscribe
	itemUnsubscribe
	itemList  // a message that wants a page of users
	itemWrong // a message that wants an error
	itemPing  // RFC 6455's
	itemPong
	itemClose
	itemProtocolError
)

// item is one thing that a client has sent, which happens when the node has read its last byte.
type item struct {
	kind      itemKind
	end       int // of its bytes, counted from the connection's first
	size      int // bytes of the message
	wireBytes int // and as they were sent, as the rate limit counts them
	id        string
	what      string
	stamp     string // the client's; empty: the node's
	data      []byte
	said      *message
	ack       bool   // it wants an acknowledgement
	again     bool   // it was sent before
	code      string // of the error that is due
	closing   int    // the close code that is due
	list      []wish // of a subscribe or unsubscribe message
	limit     int    // users on a page
}

// noCode stands for a close frame without a code.
const noCode = 1005

// answer is a reply that a client must get to something it sent.
type answer struct {
	kind byte // opText: a message; opPong
	text []byte
	code string // an error with this code, which says text somewhere
	ack  *fate  // an acknowledgement of the message with the id text
}

// act does the things that the node must do after reading the bytes so far.
func (c *client) act() {
	for len(c.items) > 0 && c.items[0].end <= c.read && c.doomed == 0 && c.held == nil {
		it := c.items[0]
		c.items, c.acted = c.items[1:], it.end
		c.seen = c.w.tick()
		c.actOn(it)
	}
	if len(c.items) == 0 {
		c.items = nil
	}
}

func (c *client) actOn(it item) {
	now := stamp(c.w.net.Now())
	switch it.kind {
	case itemSay, itemAsk, itemWrong, itemRefresh, itemSubscribe, itemUnsubscribe, itemList:
		c.w.messages++
		if !c.spend(it.wireBytes, it.size) {
			if it.kind == itemRefresh {
				c.renewal = nil // it was not read
			}
			return
		}
	}
	switch it.kind {
	case itemSay:
		c.actOnMessage(it)
	case itemSubscribe, itemUnsubscribe:
		c.hold(it)
	case itemAsk:
		c.expect(answer{kind: opText, text: envelope(it.id, "pong", it.data, now, nil, nil, nil)})
	case itemList:
		c.lists = append(c.lists, it)
	case itemRefresh:
		c.renewal.read = c.w.net.Now()
	case itemWrong:
		c.expect(answer{kind: opText, code: it.code, text: []byte(it.id)})
	case itemPing:
		c.expect(answer{kind: opPong, text: it.data})
	case itemClose, itemProtocolError:
		c.doomed = it.closing
	}
}

// actOnMessage acts on a message for others: the token must allow its topic, and it must not have been accepted before.
func (c *client) actOnMessage(it item) {
	switch topic := it.said.topic; {
	case topic != nil && !matches(c.allowed().Publish, topic.name, c.user.id):
		c.expect(answer{kind: opText, code: "topic_not_allowed", text: fmt.Appendf(nil, `"ref_id":"%s"`, it.id)})
	case it.ack:
		c.actOnSay(it)
	default:
		c.accept(it)
	}
}

// accept accepts a message that is new to the node.
func (c *client) accept(it item) {
	w, said := c.w, it.said
	now := w.net.Now()
	if it.stamp == "" {
		it.stamp = stamp(now)
	}
	said.text = envelope(it.id, it.what, it.data, it.stamp, said.from, said.to, said.topic)
	w.model.take(said, now)
	if !said.online && said.stored {
		w.tally.stored++
	}
	switch {
	case it.ack:
		c.acknowledge(it)
	case said.online || said.topic != nil:
	case said.unsure:
		c.expect(answer{kind: opText, code: "user_not_online", text: []byte(it.id)})
	case said.stored:
		c.expect(answer{kind: opText, code: "user_not_online", text: fmt.Appendf(nil, `"ref_id":"%s","stored":true`, it.id)})
	default:
		c.expect(answer{kind: opText, code: "user_not_online", text: fmt.Appendf(nil, `"ref_id":"%s"}`, it.id)})
	}
}

// spend is the rate limit of docs/PROTOCOL.md: so many messages a second, two seconds' worth at once, one for each 4
// KiB of a message as sent or as inflated, whichever is more. As many refusals in a row close the connection. The
// cost of inflating is charged afterwards.
func (c *client) spend(wireBytes, size int) bool {
	rate := c.w.sc.rate
	if rate == 0 {
		return true
	}
	most := rate * 20
	price := func(bytes int) int { return min(most, 10*(1+bytes/4096)) }
	c.credit = min(most, c.credit+int(c.w.tick()-c.earned)*rate)
	c.earned = c.w.tick()
	if c.credit >= price(wireBytes) {
		c.credit -= max(price(wireBytes), price(size))
		c.refused = 0
		return true
	}
	if c.refused++; c.refused > rate {
		c.doomed = 1008
	} else {
		c.expect(answer{kind: opText, code: "rate_limited"})
	}
	return false
}

// whole returns the tick at which the credit is full again, by the same page: credit that is missing is missing to
// the user's next connection too, for at most three seconds.
func (c *client) whole() uint32 {
	rate := c.w.sc.rate
	if rate == 0 {
		return 0
	}
	return c.earned + uint32(min((rate*20-c.credit+rate-1)/rate, int(graceTime/netpoll.TickLength)))
}

func (c *client) expect(a answer) { c.answers = append(c.answers, a) }

// receivesAnswer checks an answer against the one that is due.
func (c *client) receivesAnswer(kind byte, text []byte) error {
	if c.lawless {
		return nil
	}
	if len(c.answers) == 0 {
		return fmt.Errorf("answered where nothing was asked: %.200q", text)
	}
	due := c.answers[0]
	if c.answers = c.answers[1:]; len(c.answers) == 0 {
		c.answers = nil
	}
	if due.ack != nil {
		return c.receiveAck(due, text)
	}
	right := due.kind == kind
	if due.code == "" {
		right = right && bytes.Equal(due.text, text)
	} else {
		right = right && bytes.Contains(text, []byte(`"code":"`+due.code+`"`)) && bytes.Contains(text, due.text)
	}
	if !right {
		return fmt.Errorf("answered %.300q, due was %s %.300q", text, due.code, due.text)
	}
	return nil
}
