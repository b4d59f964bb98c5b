package netpoll_test

import (
	"slices"
	"testing"
	"time"

	"momentum/netpoll"
)

func TestConnectionsAboveTheLimitAreRefused(t *testing.T) {
	w, h := newWorld(t, func(o *netpoll.Options) { o.MaxSockets = 2 })
	first := w.Dial()
	w.Dial()
	third := w.Dial()
	if got := string(third.Received()); got != "full" || !third.EOF {
		t.Fatalf("the connection above the limit read %q, EOF %v", got, third.EOF)
	}
	if h[0].reactor.Find(third.Handle()) != nil || h[0].reactor.Connections() != 2 {
		t.Errorf("the handler can find the refused connection, or it counts: %d connections", h[0].reactor.Connections())
	}
	third.Send([]byte("a request that came late"))
	w.Advance((netpoll.LingerTicks + 1) * netpoll.TickLength)
	if !third.Closed {
		t.Fatal("the refused connection keeps its socket")
	}
	if n := h[0].reactor.Connections(); n != 2 {
		t.Errorf("%d connections after the refused one has closed, want 2", n)
	}
	first.HangUp()
	w.Dial().Send([]byte("room again"))
	h[0].expect(t, "opened 0", "opened 1", "closed: EOF", "opened 0", `data "room again"`)
	if w.Group.TurnedAway() != 1 {
		t.Fatalf("%d refused, want 1", w.Group.TurnedAway())
	}
}

// TestRefusedConnectionsLingerInABoundedNumber: each costs a descriptor above the limit. The others are closed at once.
func TestRefusedConnectionsLingerInABoundedNumber(t *testing.T) {
	const linger = 32
	w, _ := newWorld(t, func(o *netpoll.Options) { o.MaxSockets = 1 })
	w.Dial()
	for i := range linger + 8 {
		if p := w.Dial(); p.Closed != (i >= linger) {
			t.Fatalf("refused connection %d: closed %v", i, p.Closed)
		}
	}
}

// TestBrokenConnectionsAboveTheLimit refuses connections that have been reset before, with and without room to linger.
func TestBrokenConnectionsAboveTheLimit(t *testing.T) {
	w, _ := newWorld(t, func(o *netpoll.Options) { o.MaxSockets = 1 })
	w.Dial()
	for i := range 50 {
		if i == 5 {
			for range 40 {
				w.Dial() // lingers
			}
		}
		if p := w.DialBroken(); !p.Closed {
			t.Fatal("a broken connection is kept")
		}
	}
	w.Advance((netpoll.LingerTicks + netpoll.FlushTicks + 2) * netpoll.TickLength)
	if open := w.Group.Open(); open != 1 {
		t.Fatalf("%d sockets are open, want the one within the limit", open)
	}
}

func TestADeadlineFiresOnceAtItsTick(t *testing.T) {
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

// TestALostConnectionLeavesTheWheel: the deadlines in the same bucket still fire, and the next connection has none.
func TestALostConnectionLeavesTheWheel(t *testing.T) {
	w, h := newWorld(t, nil)
	set := true
	h[0].onOpened = func(c *netpoll.Conn) {
		if set {
			c.SetDeadline(5)
		}
	}
	w.Dial()
	lost := w.Dial()
	w.Dial()
	lost.HangUp()
	set = false
	w.Dial() // in the lost connection's slot
	var fired []uint32
	h[0].onDeadline = func(c *netpoll.Conn) { fired = append(fired, c.Slot()) }
	w.Advance(10 * netpoll.TickLength)
	if slices.Sort(fired); !slices.Equal(fired, []uint32{0, 2}) {
		t.Errorf("the deadlines of slots %v fired, want 0 and 2", fired)
	}
}

// TestReactorSleepsUntilItHasSomethingToDo: a deadline, queued bytes, a handler that asks. Once a second, when the tick
// ends in 0, it shows that it turns.
func TestReactorSleepsUntilItHasSomethingToDo(t *testing.T) {
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
		t.Errorf("woken %d times before a deadline", n)
	}
	if n := ticks(31); n != 3+1 {
		t.Errorf("woken %d times for a deadline", n)
	}
	r.expect(t, "opened 0", "deadline at 1021")
	p.Window = 0
	r.onData = func(c *netpoll.Conn, b []byte) { c.Send(b) }
	p.Send([]byte("x"))
	if n := ticks(10); n != 10 {
		t.Errorf("looked %d times in 10 ticks at queued bytes", n)
	}
	p.Open(1)
	if n := ticks(10); n != 1+1 {
		t.Errorf("looked %d times in 10 ticks at bytes that are no longer queued", n)
	}
	r.reactor.WantTick()
	if n := ticks(10); n != 1+1 {
		t.Errorf("woken %d times for a tick that was asked for", n)
	}
}

func TestPostsArriveInOrderAndCauseATurn(t *testing.T) {
	w, h := newWorld(t, func(o *netpoll.Options) { o.Reactors = 2 })
	for i := range 3 {
		w.Group.PostAll(netpoll.Post{Op: uint8(i)}, []byte{'a' + byte(i)})
	}
	h[0].rounds = 3 // work that wants more turns gets them
	w.Settle()
	for _, r := range h {
		r.expect(t, `posted 0 "a"`, `posted 1 "b"`, `posted 2 "c"`)
	}
	if h[0].rounds >= 0 {
		t.Fatalf("%d rounds of work had no turn", h[0].rounds+1)
	}
}

// TestPostsToALongMailboxCauseATurn posts more than a turn applies, and one more between two turns: that one rings for a
// turn that has the rest of the first batch to apply.
func TestPostsToALongMailboxCauseATurn(t *testing.T) {
	w, handlers := newWorld(t, nil)
	const first = netpoll.PostBudget + 100
	for range first {
		w.Group.Post(netpoll.Post{To: 0}, nil)
	}
	w.Step()
	if got := len(handlers[0].events); got != netpoll.PostBudget {
		t.Errorf("one turn applied %d posts, want %d", got, netpoll.PostBudget)
	}
	w.Group.Post(netpoll.Post{To: 0}, nil)
	w.Settle()
	if got := len(handlers[0].events); got != first+1 {
		t.Errorf("%d of %d posts were applied before the clock moved", got, first+1)
	}
}

// TestAPostFromWithinATurnCausesAnother: a turn takes its posts out of the mailbox before it applies them.
func TestAPostFromWithinATurnCausesAnother(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onPosted = func() {
		if len(h[0].events) == 1 {
			w.Group.PostAll(netpoll.Post{Op: 2}, nil)
		}
	}
	w.Group.PostAll(netpoll.Post{Op: 1}, nil)
	w.Settle()
	h[0].expect(t, `posted 1 ""`, `posted 2 ""`)
}

func TestATurnFiresABoundedNumberOfDeadlines(t *testing.T) {
	w, h := newWorld(t, func(o *netpoll.Options) { o.MaxSockets = 1000 })
	h[0].onOpened = func(c *netpoll.Conn) { c.SetDeadline(5) }
	const conns = netpoll.DeadlineBudget + 44
	for range conns {
		w.Dial()
	}
	h[0].events = nil
	w.Stop(6 * netpoll.TickLength)
	w.Step()
	if n := len(h[0].events); n != netpoll.DeadlineBudget {
		t.Errorf("one turn fired %d deadlines, want %d", n, netpoll.DeadlineBudget)
	}
	w.Settle()
	if n := len(h[0].events); n != conns {
		t.Errorf("%d of %d deadlines fired", n, conns)
	}
}

// phases is a recorder that also notes ticks and work.
type phases struct{ *recorder }

func (p phases) Ticked()       { p.note("ticked") }
func (p phases) Work(int) bool { p.note("work"); return false }

func TestATurnAppliesPostsThenTicksThenWorksThenFiresDeadlines(t *testing.T) {
	h := &recorder{}
	w, _ := newWorld(t, func(o *netpoll.Options) {
		o.NewHandler = func(r *netpoll.Reactor) netpoll.Handler { h.reactor = r; return phases{h} }
	})
	h.onOpened = func(c *netpoll.Conn) { c.SetDeadline(1) }
	w.Dial()
	w.Group.PostAll(netpoll.Post{}, nil)
	w.Stop(netpoll.TickLength)
	w.Step()
	h.expect(t, "opened 0", `posted 0 ""`, "ticked", "work", "deadline at 1")
}

// TestEveryCallOfADriverReadsTheClock: after a stall, accepts, reads and broken connections come before the first turn.
func TestEveryCallOfADriverReadsTheClock(t *testing.T) {
	w, h := newWorld(t, nil)
	const stall = 100
	var ticks []uint32
	note := func(*netpoll.Conn) { ticks = append(ticks, h[0].reactor.Tick()) }
	h[0].onOpened, h[0].onClosed = note, note
	h[0].onData = func(c *netpoll.Conn, _ []byte) { note(c) }
	p := w.Dial()
	w.Stop(stall * netpoll.TickLength)
	p.Send([]byte("x"))
	w.Stop(stall * netpoll.TickLength)
	p.HangUp()
	w.Stop(stall * netpoll.TickLength)
	w.Dial()
	if want := []uint32{0, stall, 2 * stall, 3 * stall}; !slices.Equal(ticks, want) {
		t.Errorf("opened, read, closed and opened at %v, want %v", ticks, want)
	}
}

// TestDeadlinesWaitForTheReadsAfterAStall: a read may bring the answer that a deadline waits for. Until the deadlines have
// fired, the reactor says that it is stalled.
func TestDeadlinesWaitForTheReadsAfterAStall(t *testing.T) {
	w, h := newWorld(t, nil)
	r := h[0].reactor
	h[0].onOpened = func(c *netpoll.Conn) { c.SetDeadline(5) }
	h[0].onData = func(*netpoll.Conn, []byte) { h[0].note("read, stalled %v", r.Stalled()) }
	h[0].onPosted = func() { h[0].note("stalled %v", r.Stalled()) }
	p := w.Dial()
	w.Stop(time.Minute)
	w.Group.PostAll(netpoll.Post{Op: 1}, nil)
	p.Transmit([]byte("x")) // ready after the turn that the ticker asked for
	w.Settle()
	w.Group.PostAll(netpoll.Post{Op: 2}, nil)
	w.Settle()
	h[0].expect(t, "opened 0", `posted 1 ""`, "stalled true", "read, stalled true", "deadline at 600", `posted 2 ""`, "stalled false")

	w.Stop(time.Minute)
	p.Send([]byte("x")) // before the turn
	h[0].expect(t, "read, stalled true")
}

// TestApplyAllIgnoresTheBudget: it applies the rest of the turn's batch and everything that was posted since.
func TestApplyAllIgnoresTheBudget(t *testing.T) {
	w, h := newWorld(t, nil)
	const posts = netpoll.PostBudget + 100
	for range posts {
		w.Group.PostAll(netpoll.Post{}, nil)
	}
	applied := 0
	h[0].onTicked = func() {
		w.Group.PostAll(netpoll.Post{}, nil)
		h[0].reactor.ApplyAll()
		applied = len(h[0].events)
	}
	w.Stop(netpoll.TickLength)
	w.Step()
	if applied != posts+1 {
		t.Errorf("%d of %d posts were applied", applied, posts+1)
	}
}
