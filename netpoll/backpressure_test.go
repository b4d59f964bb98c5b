package netpoll_test

import (
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

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

func TestSoftLimitStartsAgainWhenTheClientHasCaughtUp(t *testing.T) {
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
		t.Fatalf("%d bytes are reported as queued", w.Group.Queued())
	}
}

// TestAForgivenConnectionHasANewGrace forgives a connection above the soft limit, twice, and one that is not: its grace has not begun.
func TestAForgivenConnectionHasANewGrace(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) {
		if c.Forgive(); b[0] == 's' {
			c.Send(make([]byte, 150))
		}
	}
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("f"))
	w.Advance(12 * netpoll.TickLength)
	p.Send([]byte("s"))
	for range 2 {
		w.Advance(9 * netpoll.TickLength)
		p.Send([]byte("f"))
	}
	w.Advance(10 * netpoll.TickLength)
	h[0].expect(t, "opened 0")
	w.Advance(2 * netpoll.TickLength)
	h[0].expect(t, "slow")
}

// TestAFailedWriteIsReportedAfterTheHandlersCall, and once: the connection ends while the handler still sends to it.
func TestAFailedWriteIsReportedAfterTheHandlersCall(t *testing.T) {
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

// TestHardLimitCountsTheBytesToBeSent: they may fill the queue up to the limit, and not beyond. With an empty queue they
// may be more, since a message is never sent in part.
func TestHardLimitCountsTheBytesToBeSent(t *testing.T) {
	for name, test := range map[string]struct {
		sends []int
		slow  bool
	}{
		"up to the limit":              {[]int{400, 600}, false},
		"a byte above":                 {[]int{400, 601}, true},
		"above with an empty queue":    {[]int{1001}, false},
		"one more after one too large": {[]int{1001, 1}, true},
	} {
		w, h := newWorld(t, nil)
		h[0].onData = func(c *netpoll.Conn, _ []byte) {
			for _, n := range test.sends {
				c.Send(make([]byte, n))
			}
			if c.Slow() != test.slow {
				t.Errorf("%s: slow %v", name, c.Slow())
			}
		}
		p := w.Dial()
		p.Window = 0
		p.Send([]byte("x"))
	}
}

// TestASlowConnectionGetsItsLastMessageOnly: the rest of a turn's messages would make a gap that the client cannot see.
func TestASlowConnectionGetsItsLastMessageOnly(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, _ []byte) {
		c.Send(make([]byte, 900))
		c.Send(make([]byte, 200))
		c.Send([]byte("small enough"))
	}
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	h[0].expect(t, "opened 0", "slow")
	p.Open(netpolltest.Unlimited)
	if got := p.Received()[900:]; string(got) != "slow!" {
		t.Fatalf("after the message that did not fit: %q", got)
	}
}

// TestSlowIsReportedOnce even if the handler does not end the connection at once.
func TestSlowIsReportedOnce(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onSlow = func(*netpoll.Conn) {}
	h[0].onData = func(c *netpoll.Conn, _ []byte) { c.Send(make([]byte, 150)) }
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	w.Advance(20 * netpoll.TickLength)
	h[0].expect(t, "opened 0", "slow")
}

// TestAHandlerMayMakeAConnectionSlow if it queues too much for it elsewhere. That is reported once.
func TestAHandlerMayMakeAConnectionSlow(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, _ []byte) {
		c.Overflow()
		c.Overflow()
		c.Send([]byte("more"))
	}
	p := w.Dial()
	p.Send([]byte("x"))
	h[0].expect(t, "opened 0", "slow")
	if got := string(p.Received()); got != "slow!" {
		t.Errorf("received %q, want the last message only", got)
	}
}

// TestSlowIsNotReportedOfAConnectionThatEnds: its handler has nothing left to decide.
func TestSlowIsNotReportedOfAConnectionThatEnds(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, _ []byte) {
		c.Send(make([]byte, 900))
		c.Send(make([]byte, 200))
		c.Finish()
	}
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	h[0].expect(t, "opened 0")
}

// TestBacklogIsAnUpperBound until the connections are looked at, which happens in each tick, and with each write to them.
func TestBacklogIsAnUpperBound(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send(b) }
	p := w.Dial()
	p.Window = 10
	expect := func(when string, want int) {
		t.Helper()
		if got := h[0].reactor.Backlog(); got != want {
			t.Errorf("%s: %d bytes, want %d", when, got, want)
		}
	}
	p.Send(make([]byte, 30))
	expect("30 bytes, 10 of them taken", 20)
	p.Send(make([]byte, 40))
	expect("40 more", 60)
	p.Open(50)
	expect("50 taken", 60)
	w.Advance(netpoll.TickLength)
	expect("a tick", 10)
	if n, queued := w.Group.Backlogged(), w.Group.Queued(); n != 1 || queued != 10 {
		t.Errorf("%d connections with %d bytes, want 1 with 10", n, queued)
	}
	p.Open(3)
	p.Send(make([]byte, 5))
	expect("3 taken, and 5 more", 12)
	p.Open(12)
	w.Advance(netpoll.TickLength)
	expect("all taken, and a tick", 0)
	if n, queued := w.Group.Backlogged(), w.Group.Queued(); n != 0 || queued != 0 {
		t.Errorf("%d connections with %d bytes, want none", n, queued)
	}
}

// TestAConnectionThatBrokeInTheSameTurnHasNoBacklog: a tick and a count come before the turn settles.
func TestAConnectionThatBrokeInTheSameTurnHasNoBacklog(t *testing.T) {
	w, h := newWorld(t, nil)
	var conn *netpoll.Conn
	h[0].onData = func(c *netpoll.Conn, _ []byte) { conn = c; c.Send(make([]byte, 10)) }
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	p.FailAt = 1
	h[0].onPosted = func() { conn.Send([]byte("y")) }
	counted := -1
	h[0].onTicked = func() { counted = h[0].reactor.Backlog() }
	w.Group.PostAll(netpoll.Post{}, nil)
	w.Jump(netpoll.TickLength)
	if counted != 0 || w.Group.Queued() != 0 {
		t.Fatalf("%d bytes counted, %d published", counted, w.Group.Queued())
	}
}

// TestTicksSinceLeavesOutAStop moves the clock on tick by tick, and then far in one step, as after a stop of the process.
func TestTicksSinceLeavesOutAStop(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, b []byte) { c.Send(make([]byte, 50)) }
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x")) // a queue is looked at in each tick
	r := h[0].reactor
	begun := r.Tick()
	w.Advance(7 * netpoll.TickLength)
	if n := r.TicksSince(begun); n != 7 {
		t.Errorf("%d ticks have passed, want 7", n)
	}
	w.Stop(time.Minute)
	w.Settle()
	w.Advance(3 * netpoll.TickLength)
	if n := r.TicksSince(begun); n > 3 {
		t.Errorf("%d ticks have passed since the stop, want 3", n)
	}
}
