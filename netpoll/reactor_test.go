package netpoll_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// recorder is a handler that writes down what it is told.
type recorder struct {
	reactor *netpoll.Reactor
	events  []string
	onData  func(*netpoll.Conn, []byte)
	closed  func(*netpoll.Conn)
	rounds  int // Work calls that say more is waiting
	ticked  int // calls of Ticked
}

func (r *recorder) note(format string, args ...any) {
	r.events = append(r.events, fmt.Sprintf(format, args...))
}

func (r *recorder) Opened(c *netpoll.Conn) { r.note("opened %d", c.Slot()) }
func (r *recorder) Data(c *netpoll.Conn, b []byte) {
	if r.onData != nil {
		r.onData(c, b)
		return
	}
	r.note("data %q", b)
}
func (r *recorder) Deadline(c *netpoll.Conn) { r.note("deadline at %d", r.reactor.Tick()) }
func (r *recorder) Slow(c *netpoll.Conn)     { r.note("slow"); c.SendLast([]byte("slow!")); c.Finish() }
func (r *recorder) Closed(c *netpoll.Conn, cause error) {
	r.note("closed: %v", cause)
	if r.closed != nil {
		r.closed(c)
	}
}
func (r *recorder) Posted(p *netpoll.Post, body []byte) { r.note("posted %d %q", p.Op, body) }
func (r *recorder) Work(int) bool {
	r.rounds--
	return r.rounds >= 0
}
func (r *recorder) Ticked() { r.ticked++ }

func (r *recorder) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.events, want) {
		t.Fatalf("\ngot  %q\nwant %q", r.events, want)
	}
	r.events = nil
}

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

func TestLifeOfAConnection(t *testing.T) {
	w, h := newWorld(t, nil)
	p := w.Dial()
	p.Send([]byte("hello"))
	p.HangUp()
	h[0].expect(t, "opened 0", `data "hello"`, "closed: EOF")
	if w.Group.Open() != 0 {
		t.Fatalf("%d sockets are open behind the last one's end", w.Group.Open())
	}
}

func TestPeerIsKnownWhileTheSocketIsOpen(t *testing.T) {
	for from, want := range map[string]string{"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8::7": "2001:db8::7"} {
		w, h := newWorld(t, nil)
		var conn *netpoll.Conn
		h[0].onData = func(c *netpoll.Conn, _ []byte) { conn = c }
		w.From = netip.MustParseAddr(from)
		p := w.Dial()
		p.Send([]byte("x"))
		if got := conn.Peer(); got.String() != want {
			t.Errorf("from %s: %v", from, got)
		}
		h[0].closed = func(c *netpoll.Conn) {
			if got := c.Peer(); got.IsValid() {
				t.Errorf("a closed socket is connected to %v", got)
			}
		}
		p.HangUp()
	}
}

func TestFinishFlushesThenShutsThenDrains(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send([]byte("last words")); c.Finish() }
	p := w.Dial()
	p.Window = 4
	p.Send([]byte("x"))
	if p.EOF {
		t.Fatal("the write side was shut with bytes still queued")
	}
	p.Open(netpolltest.Unlimited)
	w.Advance(netpoll.TickLength)
	if got := p.Received(); !bytes.Equal(got, []byte("last words")) || !p.EOF || p.Closed {
		t.Fatalf("received %q, EOF %v, closed %v; want all of it, then EOF, and the socket still draining", got, p.EOF, p.Closed)
	}
	p.Send([]byte("thrown away"))
	w.Advance((netpoll.LingerTicks + 1) * netpoll.TickLength)
	if !p.Closed {
		t.Fatal("a peer that does not close holds its socket for ever")
	}
	h[0].expect(t, "opened 0", "closed: <nil>")
}

func TestFinishGivesUpOnAPeerThatDoesNotRead(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send([]byte("last words")); c.Finish() }
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	w.Advance((netpoll.FlushTicks - 1) * netpoll.TickLength)
	if p.Closed {
		t.Fatal("gave up before the flush deadline")
	}
	w.Advance(2 * netpoll.TickLength)
	if !p.Closed {
		t.Fatal("still flushing behind the deadline")
	}
}

// TestFlushGoesOnAsLongAsItFlows has a peer read a little every four seconds, for longer than one that reads nothing
// is waited for; and another, slower still, until the time for all of it is up.
func TestFlushGoesOnAsLongAsItFlows(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send([]byte("last words")); c.Finish() }
	p, slower := w.Dial(), w.Dial()
	p.Window, slower.Window = 0, 0
	p.Send([]byte("x"))
	slower.Send([]byte("x"))
	const step = netpoll.FlushTicks * 4 / 5 * netpoll.TickLength
	for range 5 {
		w.Advance(step)
		p.Open(2)
		slower.Open(1)
	}
	w.Advance(netpoll.TickLength)
	if got := p.Received(); string(got) != "last words" || !p.EOF {
		t.Fatalf("received %q, EOF %v; want all of it, then EOF", got, p.EOF)
	}
	for range netpoll.FlushMostTicks*netpoll.TickLength/step - 5 {
		if slower.Closed {
			t.Fatal("gave up on one that still takes something")
		}
		w.Advance(step)
		slower.Open(1)
	}
	w.Advance(step)
	if !slower.Closed || slower.OutboundBuffered() != 0 || slower.EOF {
		t.Fatalf("closed %v, EOF %v: a byte at a time keeps a socket for ever", slower.Closed, slower.EOF)
	}
}

func TestHardLimitMakesSlow(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send(make([]byte, 400)) }
	p := w.Dial()
	p.Window = 0
	for range 5 {
		p.Send([]byte("x"))
	}
	h[0].expect(t, "opened 0", "slow")
	if queued := p.OutboundBuffered(); queued > 1000 {
		t.Fatalf("%d bytes are queued, hard limit 1000", queued)
	}
}

func TestSoftLimitMakesSlowAfterTheGrace(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send(make([]byte, 150)) }
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	w.Advance(10 * netpoll.TickLength)
	h[0].expect(t, "opened 0")
	w.Advance(2 * netpoll.TickLength)
	h[0].expect(t, "slow")
}

func TestSoftLimitForgivesOneThatCatchesUp(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send(make([]byte, 150)) }
	p := w.Dial()
	for range 5 {
		p.Window = 0
		p.Send([]byte("x"))
		w.Advance(8 * netpoll.TickLength)
		p.Open(150)
		w.Advance(netpoll.TickLength)
	}
	h[0].expect(t, "opened 0")
	if w.Group.Queued() != 0 {
		t.Fatalf("%d bytes are said to be queued", w.Group.Queued())
	}
}

// TestWriteErrorInTheMiddle has a write fail: the connection ends underneath the handler, which is told
// behind its own call and only once.
func TestWriteErrorInTheMiddle(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) {
		c.Send([]byte("12345"))
		h[0].note("sent")
		c.Send([]byte("67890"))
		c.Finish()
	}
	p := w.Dial()
	p.FailAt = 3
	p.Send([]byte("x"))
	h[0].expect(t, "opened 0", "sent", "closed: "+netpolltest.ErrReset.Error())
	if w.Group.Open() != 0 {
		t.Fatal("the broken connection is still counted")
	}
}

func TestBeyondTheCap(t *testing.T) {
	w, h := newWorld(t, func(o *netpoll.Options) { o.MaxSockets = 2 })
	first := w.Dial()
	w.Dial()
	third := w.Dial()
	if got := string(third.Received()); got != "full" || !third.EOF {
		t.Fatalf("the connection beyond the cap read %q, EOF %v", got, third.EOF)
	}
	third.Send([]byte("a request that came late"))
	w.Advance((netpoll.LingerTicks + 1) * netpoll.TickLength)
	if !third.Closed {
		t.Fatal("the refused connection keeps its socket")
	}
	first.HangUp()
	w.Dial().Send([]byte("room again"))
	h[0].expect(t, "opened 0", "opened 1", "closed: EOF", "opened 0", `data "room again"`)
	if w.Group.TurnedAway() != 1 {
		t.Fatalf("%d turned away, want 1", w.Group.TurnedAway())
	}
}

func TestDeadlineOnTheFakeClock(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.SetDeadline(uint32(b[0])) }
	p := w.Dial()
	p.Send([]byte{20})
	w.Advance(19 * netpoll.TickLength)
	p.Send([]byte{30}) // moves it
	w.Advance(29 * netpoll.TickLength)
	h[0].expect(t, "opened 0")
	w.Advance(2 * netpoll.TickLength)
	h[0].expect(t, "deadline at 49")
	w.Jump(time.Hour)
	h[0].expect(t)
}

// TestReactorSleepsUntilTheClockConcernsIt: for a deadline, for bytes that are queued, for a handler that asks. Once a
// second, when the tick ends in 0, it shows that it turns.
func TestReactorSleepsUntilTheClockConcernsIt(t *testing.T) {
	w, h := newWorld(t, nil)
	r := h[0]
	ticks := func(n int) int {
		r.ticked = 0
		for range n {
			w.Advance(netpoll.TickLength)
		}
		return r.ticked
	}
	ticks(1) // the first
	if n := ticks(1000); n != 100 {
		t.Errorf("with nothing to do it was woken %d times in 1,000 ticks", n)
	}
	r.onData = func(c *netpoll.Conn, b []byte) { c.SetDeadline(20) }
	p := w.Dial()
	p.Send([]byte("x"))
	if n := ticks(19); n > 2+1 { // a read tells the reactor the time, and its wheel
		t.Errorf("woken %d times in front of a deadline", n)
	}
	if n := ticks(31); n != 3+1 {
		t.Errorf("woken %d times for a deadline", n)
	}
	r.expect(t, "opened 0", "deadline at 1021")
	p.Window = 0
	r.onData = func(c *netpoll.Conn, b []byte) { c.Send(b) }
	p.Send([]byte("x"))
	if n := ticks(10); n != 10 {
		t.Errorf("looked %d times in 10 ticks at bytes that are queued", n)
	}
	p.Open(1)
	if n := ticks(10); n != 1+1 {
		t.Errorf("looked %d times in 10 ticks at bytes that are queued no more", n)
	}
	r.reactor.WantTick()
	if n := ticks(10); n != 1+1 {
		t.Errorf("woken %d times for a tick that was asked for", n)
	}
}

func TestPostsArriveInOrderAndAskForATurn(t *testing.T) {
	w, h := newWorld(t, func(o *netpoll.Options) { o.Reactors = 2 })
	for i := range 3 {
		w.Group.PostAll(netpoll.Post{Op: uint8(i)}, []byte{'a' + byte(i)})
	}
	h[0].rounds = 3 // a fan-out that wants more turns gets them
	w.Settle()
	for _, r := range h {
		r.expect(t, `posted 0 "a"`, `posted 1 "b"`, `posted 2 "c"`)
	}
	if h[0].rounds >= 0 {
		t.Fatalf("%d rounds of fan-out were not asked for", h[0].rounds+1)
	}
}

// TestEndingMany has a handler end every connection from within one delivery, and reuse of slots behind it.
func TestEndingMany(t *testing.T) {
	w, h := newWorld(t, nil)
	var all []*netpoll.Conn
	h[0].onData = func(c *netpoll.Conn, b []byte) {
		if all = append(all, c); len(all) == 10 {
			for _, c := range all {
				c.Abort()
				c.Abort()
				c.Finish()
			}
		}
	}
	peers := make([]*netpolltest.Peer, 10)
	for i := range peers {
		peers[i] = w.Dial()
		peers[i].Send([]byte("x"))
	}
	for i, p := range peers {
		if !p.Closed {
			t.Fatalf("connection %d was not closed", i)
		}
	}
	if w.Group.Open() != 0 {
		t.Fatalf("%d sockets open", w.Group.Open())
	}
}

// TestBrokenBeyondTheCap refuses connections that have been reset by the time they are refused, within the
// slots for lingering and beyond them.
func TestBrokenBeyondTheCap(t *testing.T) {
	w, _ := newWorld(t, func(o *netpoll.Options) { o.MaxSockets = 1 })
	w.Dial()
	for range 40 {
		w.Dial() // lingers
	}
	for range 10 {
		if p := w.DialBroken(); !p.Closed {
			t.Fatal("a broken connection is kept")
		}
	}
	w.Advance((netpoll.LingerTicks + netpoll.FlushTicks + 2) * netpoll.TickLength)
	if open := w.Group.Open(); open != 1 {
		t.Fatalf("%d sockets are open, want the one within the cap", open)
	}
}
