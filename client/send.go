package client

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Post sends a message, now or when there is a connection. The client keeps it until the server has acknowledged it: it is delivered once, also if
// the connection is lost meanwhile. Messages are sent in the order of the calls.
//
// At most 256 messages wait, each for at most 240 seconds. If the server is overloaded or limits the rate, the client waits and sends the message
// again; later messages that were under way may then come before it.
func (c *Client) Post(m Outgoing) *Delivery {
	now := time.Now()
	if m.ID == "" {
		m.ID = newID()
	}
	d := &Delivery{id: m.ID, deadline: now.Add(longestWait), done: make(chan struct{})}
	payload, err := m.encode(now)
	if err == nil && len(payload) > c.options.MaxSent {
		err = &Error{Code: "too_long", Message: "the message is longer than the server takes"}
	}
	if err != nil {
		return d.settle(Ack{}, err)
	}
	d.payload = payload
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Phase == Closed {
		return d.settle(Ack{}, closedError(c.state.Why))
	}
	c.outbox.expire(now)
	c.outbox.add(d)
	c.sendDue(now)
	return d
}

// Send sends a text to every other user online, and waits for the acknowledgement. See Delivery.Wait for the errors.
func (c *Client) Send(ctx context.Context, data any) (Ack, error) {
	return c.Post(Outgoing{Data: data}).Wait(ctx)
}

// SendTo sends a text to a user, and waits for the acknowledgement, which says whether the user is online. Without an id it sends nothing
// (bad_user_id): a message to nobody would go to everybody.
func (c *Client) SendTo(ctx context.Context, userID string, data any) (Ack, error) {
	if userID == "" {
		return Ack{}, &Error{Code: "bad_user_id", Message: "the id of the user is empty"}
	}
	return c.Post(Outgoing{Data: data, ToUserID: userID}).Wait(ctx)
}

// Publish sends a text to a topic's other subscribers, and waits for the acknowledgement. Without a topic it sends nothing (bad_topic).
func (c *Client) Publish(ctx context.Context, topic string, data any) (Ack, error) {
	if topic == "" {
		return Ack{}, &Error{Code: "bad_topic", Message: "the name of the topic is empty"}
	}
	return c.Post(Outgoing{Data: data, Topic: topic}).Wait(ctx)
}

// Write sends a message as it is, and now: JSON that PROTOCOL.md describes. It is not repeated, and an answer is not awaited. There must be a
// connection.
func (c *Client) Write(payload []byte) error {
	if len(payload) > c.options.MaxSent {
		return &Error{Code: "too_long", Message: "the message is longer than the server takes"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == nil || c.state.Phase != Open {
		return errNotOpen
	}
	return c.link.writer.write(opText, payload)
}

// Ping sends a ping frame, and waits for its pong. The server handles the frames of a connection in order: it has then handled all that was sent
// before.
func (c *Client) Ping(ctx context.Context) error {
	id := newID()
	done := make(chan error, 1)
	c.mu.Lock()
	if c.link == nil || c.state.Phase != Open {
		c.mu.Unlock()
		return errNotOpen
	}
	c.calls.add(id, nil, func(_ *Message, err error) { done <- err })
	_ = c.link.writer.write(opPing, []byte(id)) // the reader sees an end
	c.mu.Unlock()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ponged takes a pong frame.
func (c *Client) ponged(payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.options.Raw {
		c.queue.put(Raw{At: time.Now()}, c.position)
	}
	c.calls.answer(string(payload), nil, nil)
}

var errNotOpen = errors.New("there is no connection now")

// sendDue sends all that is due, and sets the timer for the rest. The caller holds mu.
func (c *Client) sendDue(now time.Time) {
	if c.state.Phase == Open && c.link != nil && !now.Before(c.outbox.until) {
		for _, payload := range slices.Concat(c.calls.due(), c.topics.due(newID), c.outbox.due(now)) {
			_ = c.link.writer.write(opText, payload) // the reader sees an end
		}
	}
	c.arm(now)
}

// ask sends a request, and again as long as the server asks for that. The answer, or an error, settles it. The caller holds mu.
func (c *Client) ask(kind string, data any, settle func(*Message, error)) {
	id := newID()
	c.calls.add(id, request(id, kind, data), settle)
	c.sendDue(time.Now())
}

// arm sets the timer for the next thing to do. The caller holds mu.
func (c *Client) arm(now time.Time) {
	at := earlier(c.outbox.alarm(now), c.agenda.next())
	switch {
	case at.IsZero() && c.timer != nil:
		c.timer.Stop()
	case at.IsZero():
	case c.timer == nil:
		c.timer = time.AfterFunc(at.Sub(now), c.tick)
	default:
		c.timer.Reset(at.Sub(now))
	}
}

// tick gives up messages that have waited too long, and does and sends what has become due.
func (c *Client) tick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Phase == Closed {
		return
	}
	now := time.Now()
	c.outbox.expire(now)
	c.agenda.run(now)
	c.sendDue(now)
}
