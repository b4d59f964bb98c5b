package jitter

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// client is one user with one connection at a time. One goroutine uses it.
type client struct {
	*run
	number int
	random *rand.Rand
	conn   *net.TCPConn
	reader *bufio.Reader
	got    [channels]tally

	// The position from which it resumes.
	epoch string
	seq   [channels]uint64

	cuts, resumed, closed, gaps int

	left time.Time     // when its connection ended; zero: it has one
	away time.Duration // the longest time without a connection
}

// message has the fields that a client reads.
type message struct {
	ID   string `json:"id"`
	Type string `json:"message_type"`
	Seq  uint64 `json:"seq"`
	Data json.RawMessage
	Sent string `json:"timestamp"`
}

// age returns the time since the message's timestamp, or 0 if it has none.
func (m *message) age() time.Duration {
	sent, err := time.Parse(time.RFC3339, m.Sent)
	if err != nil {
		return 0
	}
	return time.Since(sent)
}

// welcome is the data of a welcome message.
type welcome struct {
	Epoch             string
	Broadcast, Direct uint64
	Resumed           bool
	Reason            string
}

// live reads, is cut off, and comes back until ctx ends.
func (c *client) live(ctx context.Context) {
	for ctx.Err() == nil {
		if c.conn == nil {
			if err := c.connect(ctx); err != nil {
				c.closed++
				if ctx.Err() == nil {
					c.trouble(err)
				}
				c.back(ctx, retry)
				continue
			}
			c.gauge.connected(+1)
		}
		err := c.read(ctx, c.nextCut())
		_ = c.conn.SetLinger(0) // a reset: what the kernel has received and this client has not read is lost
		c.conn.Close()
		c.conn = nil
		if ctx.Err() != nil {
			return
		}
		c.left = time.Now()
		c.gauge.connected(-1)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.cuts++
			c.pause(ctx, c.randomly())
		default:
			c.closed++
			c.back(ctx, 0)
		}
	}
}

func (c *client) trouble(err error) {
	if c.Trouble != nil {
		c.Trouble(err)
	}
}

// nextCut returns when the connection is to be cut off; zero: never.
func (c *client) nextCut() (cut time.Time) {
	if c.Every > 0 {
		cut = time.Now().Add(time.Duration(c.random.Int64N(2 * int64(c.Every))))
	}
	if cut.After(c.over) {
		cut = time.Time{}
	}
	return cut
}

// randomly returns a time to stay away.
func (c *client) randomly() time.Duration {
	return c.Away[0] + time.Duration(c.random.Int64N(1+int64(c.Away[1]-c.Away[0])))
}

// back waits before the next handshake after the server has closed or refused a connection: for a random time if nothing else ends
// connections, because many clients are affected at once then.
func (c *client) back(ctx context.Context, d time.Duration) {
	if c.Every == 0 {
		d = c.randomly()
	}
	c.pause(ctx, d)
}

func (c *client) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// position is the query's value of resume.
func (c *client) position() string {
	if c.epoch == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d.%d", c.epoch, c.seq[broadcasts], c.seq[directs])
}

// connect makes a handshake, and reads the welcome message.
func (c *client) connect(ctx context.Context) error {
	d := net.Dialer{Timeout: patience}
	conn, err := d.DialContext(ctx, "tcp", c.Addr)
	if err != nil {
		return err
	}
	c.conn, c.reader = conn.(*net.TCPConn), bufio.NewReaderSize(conn, 4<<10)
	_ = conn.SetDeadline(time.Now().Add(patience))
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if err = c.handshake(); err != nil {
		conn.Close()
		c.conn = nil
		return err
	}
	if !c.left.IsZero() {
		c.away = max(c.away, time.Since(c.left))
	}
	c.left = time.Time{}
	return conn.SetDeadline(time.Time{})
}

func (c *client) handshake() error {
	request, err := c.Request(c.number, c.position())
	if err != nil {
		return err
	}
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	status, err := c.reader.ReadString('\n')
	for line := status; err == nil && line != "\r\n"; {
		line, err = c.reader.ReadString('\n')
	}
	switch {
	case err != nil:
		return err
	case !strings.HasPrefix(status, "HTTP/1.1 101 "):
		body, _ := c.reader.Peek(c.reader.Buffered())
		return fmt.Errorf("%s %s", strings.TrimSpace(status), body)
	case !c.Welcomes:
		return nil
	}
	op, payload, err := readFrame(c.reader)
	if err != nil {
		return err
	}
	var m message
	if op != opText || json.Unmarshal(payload, &m) != nil || m.Type != "welcome" {
		return fmt.Errorf("no welcome, but %s", payload)
	}
	return c.greet(m.Data)
}

// greet takes the position of a welcome message. If the connection resumes, the missed messages bring the position.
func (c *client) greet(data []byte) error {
	var w welcome
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Resumed {
		c.resumed++
		return nil
	}
	if c.epoch != "" {
		c.trouble(fmt.Errorf("%s.%d.%d is not resumed: %s", c.epoch, c.seq[broadcasts], c.seq[directs], data))
	}
	c.epoch, c.seq = w.Epoch, [channels]uint64{w.Broadcast, w.Direct}
	return nil
}

// read reads messages until the time of the cut, if there is one, or until ctx ends.
func (c *client) read(ctx context.Context, cut time.Time) error {
	_ = c.conn.SetReadDeadline(cut)
	conn := c.conn
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	for {
		op, payload, err := readFrame(c.reader)
		if err != nil {
			return err
		}
		switch op {
		case opText:
			c.receive(payload)
		case opPing:
			if _, err := c.conn.Write(frame(opPong, payload)); err != nil {
				return err
			}
		case opClose:
			return fmt.Errorf("closed by the server: %q", payload)
		}
	}
}

// receive counts a message of the sender, whose id begins with its channel and its number. A point and anything may follow. Others,
// such as arrivals and errors, do not count.
func (c *client) receive(payload []byte) {
	var m message
	if json.Unmarshal(payload, &m) != nil {
		return
	}
	switch {
	case m.Type == "gap":
		c.gaps++
	case m.Type == "position": // the numbers are of another epoch
		_ = c.greet(m.Data)
	}
	if m.Type != "text" || len(m.ID) < 2 {
		return
	}
	digits, _, _ := strings.Cut(m.ID[1:], ".")
	number, err := strconv.Atoi(digits)
	channel := strings.IndexByte(prefixes, m.ID[0])
	if err != nil || channel < 0 {
		return
	}
	if c.got[channel].add(number) {
		c.arrived.Add(1)
		if c.Watch != nil {
			c.gauge.delivered(m.age())
		}
	}
	c.seq[channel] = max(c.seq[channel], m.Seq) // a message that a node of a cluster has delivered alone has no number
}
