package client

import (
	"context"
	"encoding/json"
	"time"
)

const (
	// maxWaiting is how many messages may wait for their acknowledgement, sent or not.
	maxWaiting = 256

	// maxUnderWay is how many of them may be sent. The server remembers the last 100 of a user (HISTORY_MESSAGES), so it recognises all of them
	// when they are sent again.
	maxUnderWay = 16

	// leastUnderWay is how many may be sent at first, and after a refusal; one more for each acksForOneMore. More refusals in a row than
	// WS_RATE_LIMIT_PER_SECOND, which the client does not know, would end the connection for good (1008): when the credit of two seconds is
	// used up, fewer than that are under way.
	leastUnderWay  = 4
	acksForOneMore = 16

	// longestWait is how long a message may wait. The server recognises a message for HISTORY_AGE, 300 seconds.
	longestWait = 240 * time.Second
)

// Ack is the server's acknowledgement of a message.
type Ack struct {
	Seq    uint64 `json:"seq"`    // its number in its channel; 0: it was dropped, because there is nobody to get it
	Online bool   `json:"online"` // the channel has connections
	Stored bool   `json:"stored"` // it is kept for clients that come back
}

// Delivery is a message that is on its way.
type Delivery struct {
	id       string
	payload  []byte
	deadline time.Time
	sent     bool // on this connection
	done     chan struct{}
	ack      Ack
	err      error
}

// ID returns the message's id.
func (d *Delivery) ID() string { return d.id }

// Done returns a channel that is closed when the message is acknowledged, refused or given up.
func (d *Delivery) Done() <-chan struct{} { return d.done }

// Wait waits until the message is acknowledged, refused or given up. The error is an *Error of the server or with the code "closed", "expired",
// "too_many" or "too_long"; or that of ctx: then the message is still on its way.
func (d *Delivery) Wait(ctx context.Context) (Ack, error) {
	select {
	case <-d.done:
		return d.ack, d.err
	case <-ctx.Done():
		return Ack{}, ctx.Err()
	}
}

func (d *Delivery) settle(ack Ack, err error) *Delivery {
	d.ack, d.err, d.payload = ack, err, nil
	close(d.done)
	return d
}

// outbox has the messages that are not acknowledged yet, in the order in which they were sent first.
type outbox struct {
	waiting []*Delivery
	pauses  int       // in a row
	acks    int       // since the connection or the last refusal
	until   time.Time // nothing is sent before
}

// add appends a message, unless too many wait.
func (o *outbox) add(d *Delivery) {
	if len(o.waiting) >= maxWaiting {
		d.settle(Ack{}, &Error{Code: "too_many", Message: "too many messages wait for their acknowledgement"})
		return
	}
	o.waiting = append(o.waiting, d)
}

// due returns the messages to send now, and marks them as sent.
func (o *outbox) due(now time.Time) (payloads [][]byte) {
	if now.Before(o.until) {
		return nil
	}
	window := min(maxUnderWay, leastUnderWay+o.acks/acksForOneMore, len(o.waiting))
	for _, d := range o.waiting[:window] {
		if !d.sent {
			d.sent = true
			payloads = append(payloads, d.payload)
		}
	}
	return payloads
}

// reconnect marks all messages as unsent.
func (o *outbox) reconnect() {
	for _, d := range o.waiting {
		d.sent = false
	}
	o.until, o.acks = time.Time{}, 0
}

// acknowledge settles the message with the id. It returns false if there is none.
func (o *outbox) acknowledge(id string, data json.RawMessage) bool {
	d := o.remove(id)
	if d == nil {
		return false
	}
	var ack Ack
	if err := json.Unmarshal(data, &ack); err != nil {
		d.settle(Ack{}, err)
		return true
	}
	o.pauses = 0
	o.acks++
	d.settle(ack, nil)
	return true
}

// refuse settles the message that caused an error. It returns false if there is none.
func (o *outbox) refuse(e *Error) bool {
	d := o.remove(e.RefID)
	if d != nil {
		d.settle(Ack{}, e)
	}
	return d != nil
}

// again marks a message as unsent; an empty id stands for all of them. It returns false if there is none.
func (o *outbox) again(id string) (found bool) {
	for _, d := range o.waiting {
		if d.sent && (id == "" || d.id == id) {
			d.sent, found = false, true
		}
	}
	return found
}

// pause delays further messages. Refusals during a pause belong to it.
func (o *outbox) pause(now time.Time, length func(n int) time.Duration) {
	if now.Before(o.until) {
		return
	}
	o.until = now.Add(length(o.pauses))
	o.pauses++
	o.acks = 0
}

// paused reports whether a pause is on.
func (o *outbox) paused(now time.Time) bool { return now.Before(o.until) }

// expire gives up the messages that have waited too long.
func (o *outbox) expire(now time.Time) {
	for len(o.waiting) > 0 && !now.Before(o.waiting[0].deadline) {
		o.waiting[0].settle(Ack{}, &Error{Code: "expired", Message: "the server has not acknowledged it in time"})
		o.waiting = o.waiting[1:]
	}
}

// close settles all messages.
func (o *outbox) close(err error) {
	for _, d := range o.waiting {
		d.settle(Ack{}, err)
	}
	o.waiting = nil
}

// alarm returns when due or expire will have something to do; zero: not before another call.
func (o *outbox) alarm(now time.Time) time.Time {
	switch {
	case now.Before(o.until):
		return o.until
	case len(o.waiting) > 0:
		return o.waiting[0].deadline
	}
	return time.Time{}
}

func (o *outbox) remove(id string) *Delivery {
	for i, d := range o.waiting {
		if d.id == id {
			o.waiting = append(o.waiting[:i:i], o.waiting[i+1:]...)
			return d
		}
	}
	return nil
}
