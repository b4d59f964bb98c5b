package netpoll_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// recorder is a handler that notes the calls it gets. A test may add to some of them or replace them.
type recorder struct {
	reactor *netpoll.Reactor
	events  []string
	rounds  int // calls of Work that say that more waits
	ticked  int // calls of Ticked

	onOpened   func(*netpoll.Conn)
	onData     func(*netpoll.Conn, []byte) // instead of a note
	onSlow     func(*netpoll.Conn)         // instead of a last message
	onClosed   func(*netpoll.Conn)
	onDeadline func(*netpoll.Conn) // instead of a note
	onPosted   func()
	onTicked   func()
	onWork     func()
}

func (r *recorder) note(format string, args ...any) {
	r.events = append(r.events, fmt.Sprintf(format, args...))
}

func (r *recorder) Opened(c *netpoll.Conn) {
	r.note("opened %d", c.Slot())
	if r.onOpened != nil {
		r.onOpened(c)
	}
}

func (r *recorder) Data(c *netpoll.Conn, b []byte) {
	if r.onData != nil {
		r.onData(c, b)
		return
	}
	r.note("data %q", b)
}

func (r *recorder) Deadline(c *netpoll.Conn) (sends int) {
	if r.onDeadline != nil {
		r.onDeadline(c)
	} else {
		r.note("deadline at %d", r.reactor.Tick())
	}
	return 1
}

func (r *recorder) Slow(c *netpoll.Conn) (sends int) {
	r.note("slow")
	if r.onSlow != nil {
		r.onSlow(c)
		return 1
	}
	c.SendLast([]byte("slow!"))
	c.Finish()
	return 1
}

func (r *recorder) Closed(c *netpoll.Conn, cause error) {
	r.note("closed: %v", cause)
	if r.onClosed != nil {
		r.onClosed(c)
	}
}

func (r *recorder) Posted(p *netpoll.Post, body []byte) {
	r.note("posted %d %q", p.Op, body)
	if r.onPosted != nil {
		r.onPosted()
	}
}

func (r *recorder) Work(int) bool {
	if r.onWork != nil {
		r.onWork()
	}
	r.rounds--
	return r.rounds >= 0
}

func (r *recorder) Ticked() {
	r.ticked++
	if r.onTicked != nil {
		r.onTicked()
	}
}

// expect checks the events since the last call.
func (r *recorder) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.events, want) {
		t.Fatalf("\ngot  %q\nwant %q", r.events, want)
	}
	r.events = nil
}

// newWorld makes a world of one reactor unless change says otherwise, with a recorder for each reactor.
func newWorld(t *testing.T, change func(*netpoll.Options)) (*netpolltest.World, []*recorder) {
	t.Helper()
	var handlers []*recorder
	o := netpoll.Options{
		Reactors: 1, MaxSockets: 100, Outbound: netpoll.Outbound{Soft: 100, Hard: 1000, GraceTick: 10},
		Overflow: func() []byte { return []byte("full") }, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(r *netpoll.Reactor) netpoll.Handler {
			h := &recorder{reactor: r}
			handlers = append(handlers, h)
			return h
		},
	}
	if change != nil {
		change(&o)
	}
	w, err := netpolltest.New(o, 1)
	if err != nil {
		t.Fatal(err)
	}
	return w, handlers
}
