package client

import (
	"encoding/json"
	"time"
)

// receive handles a message of the server. One that cannot be read is ignored.
func (c *Client) receive(l *link, payload []byte) {
	now := time.Now()
	var m Message
	err := json.Unmarshal(payload, &m)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Phase == Closed {
		return
	}
	if c.options.Raw {
		c.queue.put(Raw{now, payload}, c.position)
	}
	if err != nil {
		return
	}
	if !c.control(l, &m, now) {
		c.hand(&m, now)
	}
}

// control handles a message that is for the client itself. It returns false for one that is for the program.
func (c *Client) control(l *link, m *Message, now time.Time) bool {
	switch m.Type {
	case "welcome":
		c.greet(l, m.Data, now)
	case "position":
		c.renumber(m.Data, now)
	case "gap":
		c.miss(m.Data)
	case "ack":
		if c.outbox.acknowledge(m.ID, m.Data) {
			c.sendDue(now)
		}
	case "error":
		c.fail(m.Data, now)
	case "subscribed", "unsubscribed":
		c.topicsAnswered(m, now)
	case "user_joined", "user_left", "presence":
		c.presence(m)
	case "token_expiring":
		if c.options.TokenFunc != nil {
			go c.refresh(l)
		}
	case "pong", "refreshed", "who":
		c.calls.answer(m.ID, m, nil)
	default:
		return false
	}
	return true
}

// hand hands a message over, unless that was done already.
func (c *Client) hand(m *Message, now time.Time) {
	if m.Topic != "" {
		if t := c.topics.byName[m.Topic]; t == nil || !t.pass(m) { // nil: the program has ended the subscription
			return
		}
	} else if !c.position.pass(m) {
		return
	}
	if c.recent.pass(m, now) {
		c.queue.put(*m, c.position)
	} else {
		c.queue.reach(c.position)
	}
}

// greet takes the welcome, and begins the use of the connection.
func (c *Client) greet(l *link, data json.RawMessage, now time.Time) {
	var w welcome
	if json.Unmarshal(data, &w) != nil || c.greeted {
		return
	}
	c.greeted = true
	c.begin(l, now)
	if c.position.Epoch != "" {
		c.queue.put(Resumed{Resumed: w.Resumed, Missed: w.Missed, Reason: w.Reason, Away: now.Sub(c.left)}, c.position)
		if !w.Resumed {
			c.recent.doubt(now)
		}
	}
	c.position.greet(w)
	c.queue.reach(c.position)
	c.sendDue(now)
}

// begin makes the state Open, once for each connection.
func (c *Client) begin(l *link, now time.Time) {
	if !c.opened.IsZero() {
		return
	}
	c.opened = now
	l.watch()
	c.enterLocked(State{Phase: Open})
	if c.options.Presence {
		c.users = make(map[string]string)
		c.learn(c, "", c.users)
	}
}

// beginWithout begins the use of a connection on which no welcome has come in time.
func (c *Client) beginWithout(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == l {
		now := time.Now()
		c.begin(l, now)
		c.sendDue(now)
	}
}

// renumber takes the numbers of another epoch.
func (c *Client) renumber(data json.RawMessage, now time.Time) {
	var p struct {
		position
		Topic string `json:"topic"`
		Seq   uint64 `json:"seq"`
	}
	if json.Unmarshal(data, &p) != nil {
		return
	}
	t := c.topics.byName[p.Topic]
	switch {
	case p.Topic == "":
		c.position = p.position
	case t == nil: // the program has ended the subscription
		return
	default:
		t.epoch, t.seq = p.Epoch, p.Seq
	}
	c.recent.doubt(now)
	c.queue.put(Resumed{Topic: p.Topic, Reason: "epoch"}, c.position)
}

// miss tells the program of a gap.
func (c *Client) miss(data json.RawMessage) {
	var g Gap
	if json.Unmarshal(data, &g) != nil {
		return
	}
	if g.Channel != "topic" {
		c.position.skip(g)
	} else if t := c.topics.byName[g.Topic]; t != nil && !t.waits() {
		t.seq = max(t.seq, g.To)
	}
	c.queue.put(g, c.position)
}

// fail finds the message or request that an error is about. Without one, the error is an event.
func (c *Client) fail(data json.RawMessage, now time.Time) {
	e := new(Error)
	if json.Unmarshal(data, e) != nil {
		return
	}
	switch {
	case again(&c.outbox, &c.topics, &c.calls, e), c.outbox.paused(now) && e.Code == "rate_limited": // in a pause: one more of the same burst
		c.outbox.pause(now, c.schedule.pause)
		c.arm(now)
	case c.outbox.refuse(e):
		c.sendDue(now)
	case c.topics.refuse(e.RefID, e), c.calls.answer(e.RefID, nil, e):
	default:
		c.queue.put(e, c.position)
	}
}

// again marks as unsent the message or request that an error is about, if the server asks for it again. A rate limit names no message: then all
// without an answer are marked. The server recognises messages that it has taken, and a request may be answered twice.
func again(o *outbox, t *topics, c *calls, e *Error) bool {
	switch e.Code {
	case "rate_limited", "overloaded", "bus_unavailable":
		messages, topics, requests := o.again(e.RefID), t.again(e.RefID), c.again(e.RefID)
		return messages || topics || requests
	case "too_many": // about topics, during a long replay
		return e.RefID != "" && (t.again(e.RefID) || c.again(e.RefID))
	}
	return false
}

// refresh gets a new token and offers it to the server. If that fails, the connection ends with the old token, and the next attempt calls the
// token function. A token that comes after the end of the connection is dropped: the next attempt may have a newer one.
func (c *Client) refresh(l *link) {
	const why = "token_expiring"
	c.tokens.drop(why)
	token, err := c.tokens.fetch(c.ctx, refreshTimeout, why)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || c.link != l {
		return
	}
	c.tokens.set(token)
	c.ask("refresh", map[string]string{"token": token}, func(*Message, error) {}) // a refusal is no event
}
