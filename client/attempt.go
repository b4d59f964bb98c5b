package client

import (
	"context"
	"errors"
	"time"
)

// attemptTimeout bounds an attempt, from the dial to the welcome.
const attemptTimeout = 10 * time.Second

// run connects again and again, until the client is closed or the server refuses it for good.
func (c *Client) run() {
	defer close(c.done)
	defer c.queue.close()
	defer context.AfterFunc(c.ctx, c.leave)()
	for c.enter(State{Phase: Connecting}) {
		e, open := c.attempt()
		next := c.schedule.next(e, open, c.options.TokenFunc != nil)
		switch {
		case c.ctx.Err() != nil:
			c.leave()
		case next.final:
			c.shut(e.why, e.err)
			c.cancel(e.err)
		default:
			if next.renew {
				c.tokens.drop(e.why)
			}
			c.pause(next, e)
		}
	}
}

// leave closes the client for its program.
func (c *Client) leave() {
	c.shut("closed", context.Cause(c.ctx))
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l != nil {
		l.leave(codeNormal, "")
	}
}

// pause waits for the next attempt. A wake-up shortens a wait that the server has not named.
func (c *Client) pause(next plan, e ending) {
	select {
	case <-c.wakes: // it came too late for the last wait
	default:
	}
	until := time.Now().Add(next.wait)
	c.enter(State{Phase: Waiting, Why: e.why, Until: until, Err: e.err})
	timer := time.NewTimer(next.wait)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-c.ctx.Done():
			c.leave()
			return
		case <-c.wakes:
			if next.named {
				continue
			}
			if time.Until(until) <= wakeSpread {
				continue // also after a wake-up: the best of several random times would not be spread evenly
			}
			wait := c.schedule.woken()
			until = time.Now().Add(wait)
			timer.Reset(wait)
			c.enter(State{Phase: Waiting, Why: e.why, Until: until, Err: e.err})
		}
	}
}

// attempt connects, and stays connected as long as it can. It returns how that ended, and how long the connection was open.
func (c *Client) attempt() (e ending, open time.Duration) {
	token, err := c.tokens.current(c.ctx, attemptTimeout)
	if err != nil {
		return ending{why: "token", err: err, named: -1}, 0
	}
	l, err := c.dial(token)
	if err == nil {
		if c.options.NoResume {
			c.beginWithout(l)
		} else if c.options.Grace > 0 {
			defer time.AfterFunc(c.options.Grace, func() { c.beginWithout(l) }).Stop()
		}
		err = c.converse(l)
		open = c.unlink()
	}
	return endingOf(err), open
}

func endingOf(err error) ending {
	var refusal *Refusal
	var closed *CloseError
	switch {
	case errors.As(err, &refusal):
		return refusal.ending()
	case errors.As(err, &closed):
		return closed.ending()
	case errors.Is(err, errBadToken):
		return ending{why: "token_malformed", err: err, course: renew, named: -1}
	}
	return lost(err)
}

// dial opens a connection and makes the handshake.
func (c *Client) dial(token string) (*link, error) {
	ctx, cancel := context.WithTimeout(c.ctx, attemptTimeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	conn, err := c.options.Dial(ctx, "tcp", address(c.url))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // it ends reads and writes
	conn, early, err := c.opening(token).open(ctx, conn, c.options.TLS)
	if err == nil && !stop() {
		err = ctx.Err()
	}
	if err != nil {
		stop()
		conn.Close()
		return nil, err
	}
	_ = conn.SetDeadline(deadline) // without it, the server's own timeout would end the wait for the welcome
	var l *link
	l = newLink(conn, early, c.options.MaxReceived, c.options.Idle, func() {
		_ = l.writer.write(opText, request(newID(), "ping", nil)) // the reader sees an end
	})
	return l, c.keep(l)
}

func (c *Client) opening(token string) opening {
	c.mu.Lock()
	defer c.mu.Unlock()
	return opening{url: c.url, token: token, bearer: c.options.Bearer, resume: !c.options.NoResume, position: c.position.String(), header: c.options.Header}
}

// keep makes the connection the client's, unless the client has been closed meanwhile.
func (c *Client) keep(l *link) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		l.conn.Close()
		return c.ctx.Err()
	}
	c.link, c.opened, c.greeted = l, time.Time{}, false
	return nil
}

// converse reads until the connection ends.
func (c *Client) converse(l *link) error {
	for {
		c.queue.room(c.ctx)
		op, payload, err := l.frames.next()
		var fault violation
		switch {
		case errors.As(err, &fault):
			l.writer.finish(closePayload(fault.code, fault.reason))
			return err
		case err != nil:
			l.conn.Close()
			return err
		case op == opPing:
			_ = l.writer.write(opPong, payload) // the next read sees an end
		case op == opPong:
			c.ponged(payload)
		case op == opClose:
			return answerClose(l, payload)
		case op == opText:
			c.receive(l, payload)
		}
	}
}

// answerClose answers the server's close frame, and returns the reason for the end.
func answerClose(l *link, payload []byte) error {
	err := parseClose(payload)
	var fault violation
	if errors.As(err, &fault) {
		payload = closePayload(fault.code, fault.reason)
	}
	l.writer.finish(payload)
	return err
}

// unlink forgets the connection, and returns how long it was open.
func (c *Client) unlink() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = nil
	c.outbox.reconnect()
	c.topics.reconnect()
	c.users, c.agenda = nil, nil
	c.calls.fail(&Error{Code: "lost", Message: "the connection was lost before the answer"})
	if c.opened.IsZero() {
		return 0
	}
	c.left = time.Now()
	open := c.left.Sub(c.opened)
	if open >= lasting {
		c.topics.refusals = 0
	}
	return open
}
