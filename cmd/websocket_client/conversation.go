package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	momentum "momentum/client"
	"momentum/internal/output"
)

// conversation connects the terminal and the connection. One goroutine runs it and owns its fields.
type conversation struct {
	conn     *connection
	terminal *terminal
	output   *output.Stream       // to which the terminal writes
	reporter reporter             // prints what arrives
	pings    map[string]time.Time // send times of the messages that will be answered, by id
	quiet    map[string]bool      // ids of the automatic pings; their answers are not shown
	asked    int                  // questions without an answer
	answers  chan func()          // each shows the answer to a question
	waiting  map[string]bool      // ids of the messages that wait for an acknowledgement, which is not shown
}

// converse executes lines of input and prints messages that arrive, until the user quits or the connection is lost. It
// returns the exit code. autoPing is the time between two automatic pings, 0 for none.
func converse(ctx context.Context, conn *connection, std streams, autoPing time.Duration) int {
	return converseWith(ctx, conn, std, autoPing, false)
}

// converseWith is converse; asJSON prints each event as a line of JSON.
func converseWith(ctx context.Context, conn *connection, std streams, autoPing time.Duration, asJSON bool) int {
	known := new(people)
	terminal, err := openTerminal(std, conn.name, known)
	if err != nil {
		fmt.Fprintln(std.err, "websocket_client: cannot use the terminal:", err)
		return exitFailed
	}
	defer terminal.close()
	c := &conversation{
		conn: conn, terminal: terminal, output: std.out, pings: make(map[string]time.Time), quiet: make(map[string]bool),
		answers: make(chan func(), questionBacklog), waiting: make(map[string]bool),
		reporter: reporter{out: terminal.out, err: terminal.err, asJSON: asJSON, names: terminal.person, known: known},
	}
	var due <-chan time.Time
	if autoPing > 0 {
		ticker := time.NewTicker(autoPing)
		defer ticker.Stop()
		due = ticker.C
	}
	return c.run(ctx, due)
}

func (c *conversation) run(ctx context.Context, autoPing <-chan time.Time) int {
	clock := time.NewTicker(sleepCheck)
	defer clock.Stop()
	watch := sleepWatch{time.Now()}
	for {
		select {
		case <-clock.C:
			if watch.slept(time.Now()) {
				c.conn.client.Wake()
			}
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
			c.pingQuietly()
		case answer := <-c.answers:
			answer()
		case r := <-c.conn.received:
			if r.err != nil {
				c.reporter.end(r.err)
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
	given, err := parseLine(line)
	if err == nil {
		err = c.obey(given)
	}
	if errors.Is(err, errQuit) {
		return false
	}
	if err != nil {
		fmt.Fprintln(c.terminal.err, err)
	}
	return true
}

func (c *conversation) obey(given command) error {
	switch given.name {
	case "help":
		_, err := io.WriteString(c.terminal.out, help)
		return err
	case "quit":
		return errQuit
	case "ping":
		_, payload, err := newMessage("ping", struct{}{}, time.Now())
		return errors.Join(err, c.send(payload))
	case "json":
		return c.send([]byte(given.rest))
	case "text", "notification":
		return c.post(momentum.Outgoing{Type: given.name, Data: content{given.rest}})
	case "pub":
		return c.post(momentum.Outgoing{Type: "text", Topic: given.first, Data: content{given.rest}})
	case "msg":
		return c.message(given)
	case "who":
		c.list(given.first)
	case "sub":
		c.subscribe(given.first)
	case "unsub":
		c.conn.client.Unsubscribe(given.first)
	}
	return nil
}

// send sends a message now, as it is.
func (c *conversation) send(payload []byte) error {
	c.expect(payload, time.Now())
	if err := c.conn.send(payload); err != nil {
		var m message
		if json.Unmarshal(payload, &m) == nil {
			delete(c.pings, m.ID)
		}
		return notSent(err)
	}
	return nil
}

// post sends a message. On a connection that returns, it is sent until the server has acknowledged it.
func (c *conversation) post(m momentum.Outgoing) error {
	if !c.conn.resumes {
		return c.postOnce(m)
	}
	m.ID = uuid.NewString()
	c.waiting[m.ID] = true
	delivery := c.conn.client.Post(m)
	c.ask(func() func() {
		<-delivery.Done()
		ack, err := delivery.Wait(context.Background())
		return func() {
			if err != nil {
				delete(c.waiting, m.ID) // else show does it, for the ack may not have been shown yet
			}
			c.reporter.delivered(m, ack, err)
		}
	})
	return nil
}

func (c *conversation) postOnce(m momentum.Outgoing) error {
	_, payload, err := newMessageTo(m, time.Now())
	if err != nil {
		return err
	}
	if err := c.conn.send(payload); err != nil {
		return notSent(err)
	}
	return nil
}

func notSent(err error) error { return fmt.Errorf("not sent: %w", err) }

// pingQuietly sends an automatic ping.
func (c *conversation) pingQuietly() {
	id, payload, err := newMessage("ping", struct{}{}, time.Now())
	if err == nil && c.conn.send(payload) == nil { // else there is no connection now
		c.quiet[id] = true
	}
}

// expect records that a ping, a refresh, a question or a message with ack, typed as a command or as json, will be answered.
func (c *conversation) expect(payload []byte, now time.Time) {
	var m message
	if json.Unmarshal(payload, &m) == nil && (m.Type == "ping" || m.Type == "refresh" || m.Type == typeWho || m.Ack) && m.ID != "" {
		c.pings[m.ID] = now
	}
}

// show prints a message, with its latency if it is an answer, or another event. Of a refusal after which the package client sends the message
// again, it says so: the server asks the sender to do that.
func (c *conversation) show(r received) {
	if r.event != nil {
		c.reporter.event(r)
		return
	}
	var m message
	if json.Unmarshal(r.payload, &m) != nil {
		c.reporter.message(r, "")
		return
	}
	answered := m.answers()
	latency := ""
	sent, waiting := c.pings[answered]
	if waiting {
		delete(c.pings, answered)
		latency = fmt.Sprintf(" (%.3f ms)", milliseconds(r.at.Sub(sent)))
	}
	switch {
	case m.Type == "pong" && c.quiet[answered]:
		delete(c.quiet, answered)
	case m.Type == "ack" && c.waiting[answered]:
		delete(c.waiting, answered)
	case m.Type == typeWho && !waiting, c.conn.resumes && !c.reporter.asJSON && m.isPosition():
	default:
		if c.waiting[answered] && m.isTemporary() {
			latency = "; it is sent again by itself"
		}
		c.reporter.known.see(&m)
		c.reporter.message(r, latency)
	}
}

// finish waits for outstanding answers, so that a script sees them, and closes the connection.
func (c *conversation) finish() int {
	ctx, cancel := context.WithTimeout(context.Background(), lingerTimeout)
	defer cancel()
	var answered <-chan struct{}
	for asking, done := true, false; !done || len(c.pings) > 0 || len(c.conn.received) > 0; {
		if asking && c.asked == 0 { // the questions have been sent: all that the server has to say of them comes before a pong
			answered, asking = c.conn.allAnswered(ctx), false
		}
		select {
		case r := <-c.conn.received:
			if r.err != nil {
				c.reporter.end(r.err)
				return exitFailed
			}
			c.show(r)
		case answer := <-c.answers:
			answer()
		case <-answered:
			done = true
		case <-ctx.Done():
			fmt.Fprintf(c.terminal.err, "some messages were not answered within %v\n", lingerTimeout)
			c.conn.closeNormally()
			return exitOK
		}
	}
	c.conn.closeNormally()
	return exitOK
}
