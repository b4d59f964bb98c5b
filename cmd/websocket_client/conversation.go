package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"momentum/internal/output"
)

// conversation connects the terminal and the connection. One goroutine runs it and owns its fields.
type conversation struct {
	conn     *connection
	terminal *terminal
	output   *output.Stream       // to which the terminal writes
	pings    map[string]time.Time // send times of the messages that will be answered, by id
}

// converse executes lines of input and prints messages that arrive, until the user quits or the connection is lost. It
// returns the exit code. autoPing is the time between two automatic pings, 0 for none.
func converse(ctx context.Context, conn *connection, std streams, autoPing time.Duration) int {
	terminal, err := openTerminal(std)
	if err != nil {
		fmt.Fprintln(std.err, "websocket_client: cannot use the terminal:", err)
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
			return c.finish()
		case line, more := <-c.terminal.lines:
			if !more {
				return c.endOfInput()
			}
			if !c.execute(line) {
				return c.finish()
			}
		case <-autoPing:
			c.execute("ping")
		case r := <-c.conn.received:
			if r.err != nil {
				fmt.Fprintln(c.terminal.err, closeReport(r.err))
				return exitFailed
			}
			c.show(r)
			if c.output.Err() != nil {
				return c.finish()
			}
		}
	}
}

// endOfInput finishes, and fails if the input was not read to its end: a script must not believe that everything was
// sent.
func (c *conversation) endOfInput() int {
	failure := c.terminal.failure
	if failure != nil {
		fmt.Fprintln(c.terminal.err, "websocket_client: the rest of the input was not read:", failure)
	}
	code := c.finish()
	if failure != nil {
		return exitFailed
	}
	return code
}

// execute executes a line of input. It returns false for quit.
func (c *conversation) execute(line string) bool {
	now := time.Now()
	payload, shown, err := parseLine(line, now)
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

// expect records that a ping, a refresh or a message with ack, typed as a command or as json, will be answered.
func (c *conversation) expect(payload []byte, now time.Time) {
	var m message
	if json.Unmarshal(payload, &m) == nil && (m.Type == "ping" || m.Type == "refresh" || m.Ack) && m.ID != "" {
		c.pings[m.ID] = now
	}
}

// show prints a message, with its latency if it is an answer.
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

// finish waits for outstanding answers, so that a script sees them, and closes the connection.
func (c *conversation) finish() int {
	ctx, cancel := context.WithTimeout(context.Background(), lingerTimeout)
	defer cancel()
	answered := c.conn.allAnswered(ctx)
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
			fmt.Fprintf(c.terminal.err, "some messages were not answered within %v\n", lingerTimeout)
			c.conn.closeNormally()
			return exitOK
		}
	}
	c.conn.closeNormally()
	return exitOK
}
