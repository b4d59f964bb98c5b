package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	momentum "momentum/client"
)

// connection is the client's connection to the server: one, or one after the other if it returns.
type connection struct {
	client *momentum.Client
	name   string // of the user, for the prompt; "" if it is not known
	// received gets every message and event, and at the end the error after which no connection follows.
	received chan received
	opened   chan error    // gets the result of the first attempt
	ponged   chan struct{} // see mark
	done     chan struct{}
	abortion sync.Once
	resumes  bool // the connection asks for missed messages
	returns  bool // and the server can send them; the pumping goroutine owns it, until received has a welcome
}

// received is a message, another event, or the error after which there are no more.
type received struct {
	at      time.Time
	payload []byte
	event   momentum.Event
	err     error
}

// setting changes how a connection is made.
type setting func(*connection, *momentum.Options)

// resuming makes a connection that returns when it is lost.
func resuming(c *connection, o *momentum.Options) {
	c.resumes, o.NoResume, o.Grace = true, false, welcomeTimeout
}

// dial connects. The token goes into a header, because URLs appear in the logs of proxies.
func dial(ctx context.Context, address, token string, settings ...setting) (*connection, error) {
	c := &connection{received: make(chan received, receivedBacklog), opened: make(chan error, 1), ponged: make(chan struct{}, 1), done: make(chan struct{})}
	options := momentum.Options{Token: token, Bearer: true, Raw: true, NoResume: true, MaxReceived: maxMessageBytes}
	for _, set := range settings {
		set(c, &options)
	}
	made, err := momentum.Connect(context.Background(), address, options)
	if err != nil {
		return nil, err
	}
	c.client = made
	go c.pump()
	select {
	case err = <-c.opened:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		c.abort()
		return nil, err
	}
	return c, nil
}

// pump passes messages and events on, until no further connection follows.
func (c *connection) pump() {
	open := false
	for e := range c.client.Events() {
		next := received{at: time.Now(), event: e}
		switch e := e.(type) {
		case momentum.Raw:
			if e.Payload == nil {
				c.mark()
				continue
			}
			next = received{at: e.At, payload: e.Payload}
			c.returns = c.returns || c.resumes && isWelcome(e.Payload)
		case momentum.State:
			if e.Phase == momentum.Open && !open {
				open = true
				c.opened <- nil
				continue
			}
			if e.Phase == momentum.Connecting {
				continue
			}
			if e.Phase != momentum.Open && !open {
				c.opened <- cmp.Or(e.Err, errors.New("the server has closed the connection"))
				return
			}
			if e.Phase == momentum.Closed || e.Phase == momentum.Waiting && !c.returns {
				next = received{at: next.at, err: e.Err}
			}
		}
		if !c.pass(next) || next.err != nil {
			return
		}
	}
}

// pass returns false if nobody receives any more.
func (c *connection) pass(r received) bool {
	select {
	case c.received <- r:
		return true
	case <-c.done:
		return false
	}
}

func isWelcome(payload []byte) bool {
	var m message
	return json.Unmarshal(payload, &m) == nil && m.Type == "welcome"
}

// send writes one message now. An end of the connection is reported by received.
func (c *connection) send(payload []byte) error { return c.client.Write(payload) }

// mark says that all messages from before a pong frame are in received.
func (c *connection) mark() {
	select {
	case c.ponged <- struct{}{}:
	default: // nobody waits for the last one
	}
}

// allAnswered returns a channel that gets a value when the server has handled everything that was sent so far, and its answers are in received. A
// pong frame shows that: the server handles the frames of a connection in order.
func (c *connection) allAnswered(ctx context.Context) <-chan struct{} {
	go func() { _ = c.client.Ping(ctx) }() // without a connection there is no value
	return c.ponged
}

// closeNormally closes the connection with a closing handshake (RFC 6455 §7.1.2).
func (c *connection) closeNormally() { c.abort() }

// abort closes the connection, if it is still open, and stops the goroutines.
func (c *connection) abort() {
	c.abortion.Do(func() { close(c.done) })
	c.client.Close()
}
