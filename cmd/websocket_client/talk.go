package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"momentum/internal/output"
)

// conversation is what goes on between the terminal and the connection. One goroutine runs it and owns it.
type conversation struct {
	conn     *connection
	terminal *terminal
	output   *output.Stream       // below the terminal
	pings    map[string]time.Time // when each ping or refresh that has no answer yet was sent, by id
}

// talk sends what is typed and prints what arrives, until the user leaves or the connection is lost. It returns
// the exit code. autoPing is the time from one automatic ping to the next, 0 for none.
func talk(ctx context.Context, conn *connection, std streams, autoPing time.Duration) int {
	terminal, err := openTerminal(std)
	if err != nil {
		fmt.Fprintln(std.err, "websocket_client: the terminal cannot be used:", err)
		return exitFailed
	}
	defer terminal.close()
	c := &conversation{conn, terminal, std.out, make(map[string]time.Time)}
	var due <-chan time.Time
	if autoPing > 0 {
		ticker := time.NewTicker(autoPing)
		defer ticker.Stop()
		due = ticker.C
	}
	return c.run(ctx, due)
}

func (c *conversation) run(ctx context.Context, autoPing <-chan time.Time) int {
	for {
		select {
		case <-ctx.Done():
			return c.leave()
		case line, more := <-c.terminal.lines:
			if !more {
				return c.endOfInput()
			}
			if !c.obey(line) {
				return c.leave()
			}
		case <-autoPing:
			c.obey("ping")
		case r := <-c.conn.received:
			if r.err != nil {
				fmt.Fprintln(c.terminal.err, closeReport(r.err))
				return exitFailed
			}
			c.show(r)
			if c.output.Err() != nil {
				return c.leave()
			}
		}
	}
}

// endOfInput leaves, and fails if there was more input than could be read: a script must not take it for sent.
func (c *conversation) endOfInput() int {
	failure := c.terminal.failure
	if failure != nil {
		fmt.Fprintln(c.terminal.err, "websocket_client: the rest of the input was not read:", failure)
	}
	code := c.leave()
	if failure != nil {
		return exitFailed
	}
	return code
}

// obey does what a line says. It reports false when it says quit.
func (c *conversation) obey(line string) bool {
	now := time.Now()
	payload, shown, err := payloadOf(line, now)
	switch {
	case errors.Is(err, errQuit):
		return false
	case err != nil:
		fmt.Fprintln(c.terminal.err, err)
	case payload != nil:
		c.expect(payload, now)
		c.conn.send(payload)
	default:
		fmt.Fprint(c.terminal.out, shown)
	}
	return true
}

// expect notes that a ping, typed as ping or as json, or a refresh is to be answered.
func (c *conversation) expect(payload []byte, now time.Time) {
	var m message
	if json.Unmarshal(payload, &m) == nil && (m.Type == "ping" || m.Type == "refresh") && m.ID != "" {
		c.pings[m.ID] = now
	}
}

// show prints a message, and how long it took if it is an answer.
func (c *conversation) show(r received) {
	line := describe(r.payload, r.at, time.Local)
	var m message
	if json.Unmarshal(r.payload, &m) == nil {
		if sent, waiting := c.pings[m.answers()]; waiting {
			delete(c.pings, m.answers())
			line += fmt.Sprintf(" (%.3f ms)", milliseconds(r.at.Sub(sent)))
		}
	}
	fmt.Fprintln(c.terminal.out, line)
}

// leave waits for what is still to be answered, so that a script sees it, and closes the connection.
func (c *conversation) leave() int {
	ctx, cancel := context.WithTimeout(context.Background(), lingerTimeout)
	defer cancel()
	answered := c.conn.answered(ctx)
	for answered != nil || len(c.pings) > 0 || len(c.conn.received) > 0 {
		select {
		case r := <-c.conn.received:
			if r.err != nil {
				fmt.Fprintln(c.terminal.err, closeReport(r.err))
				return exitFailed
			}
			c.show(r)
		case <-answered:
			answered = nil
		case <-ctx.Done():
			fmt.Fprintf(c.terminal.err, "not everything was answered within %v\n", lingerTimeout)
			c.conn.goodbye()
			return exitOK
		}
	}
	c.conn.goodbye()
	return exitOK
}
