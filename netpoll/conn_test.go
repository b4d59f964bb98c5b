package netpoll_test

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

func TestLifeOfAConnection(t *testing.T) {
	w, h := newWorld(t, nil)
	p := w.Dial()
	p.Send([]byte("hello"))
	p.HangUp()
	h[0].expect(t, "opened 0", `data "hello"`, "closed: EOF")
	if w.Group.Open() != 0 {
		t.Fatalf("%d sockets are open after the last one has ended", w.Group.Open())
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
		h[0].onClosed = func(c *netpoll.Conn) {
			if got := c.Peer(); got.IsValid() {
				t.Errorf("a closed socket has the peer %v", got)
			}
		}
		p.HangUp()
	}
}

func TestFinishFlushesThenShutsTheWriteSideThenDrains(t *testing.T) {
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
		t.Fatal("a client that does not close keeps its socket for ever")
	}
	h[0].expect(t, "opened 0", "closed: <nil>")
}

// TestCloseDoesNotWaitForThePeer, but for bytes that are queued.
func TestCloseDoesNotWaitForThePeer(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, _ []byte) { c.Send([]byte("last words")); c.Close() }
	p, slow := w.Dial(), w.Dial()
	p.Send([]byte("x"))
	if got := p.Received(); !bytes.Equal(got, []byte("last words")) || !p.Closed {
		t.Errorf("received %q, closed %v", got, p.Closed)
	}
	slow.Window = 4
	slow.Send([]byte("x"))
	if slow.Closed {
		t.Fatal("closed with bytes still queued")
	}
	slow.Open(netpolltest.Unlimited)
	w.Advance(netpoll.TickLength)
	if got := slow.Received(); !bytes.Equal(got, []byte("last words")) || !slow.EOF {
		t.Errorf("received %q, EOF %v", got, slow.EOF)
	}
}

func TestFinishGivesUpOnAClientThatDoesNotRead(t *testing.T) {
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
		t.Fatal("still flushing after the deadline")
	}
}

// TestFlushGoesOnWhileTheClientReads has a client read a little every four seconds, for longer than a client may read
// nothing. A slower one is closed when the time for the whole flush is over.
func TestFlushGoesOnWhileTheClientReads(t *testing.T) {
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
	for range netpoll.FlushLimitTicks*netpoll.TickLength/step - 5 {
		if slower.Closed {
			t.Fatal("gave up on a client that still reads")
		}
		w.Advance(step)
		slower.Open(1)
	}
	w.Advance(step)
	if !slower.Closed || slower.OutboundBuffered() != 0 || slower.EOF {
		t.Fatalf("closed %v, EOF %v: a client that reads a byte at a time keeps its socket for ever", slower.Closed, slower.EOF)
	}
}

// TestTheCauseOfAnEndIsThisSideIfItEndedFirst: it does not matter how the client reacts.
func TestTheCauseOfAnEndIsThisSideIfItEndedFirst(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, _ []byte) { c.Finish() }
	p := w.Dial()
	p.Send([]byte("x"))
	p.Reset()
	h[0].expect(t, "opened 0", "closed: <nil>")
}

// TestAHandlerMayEndManyConnectionsInOneCall, each in more than one way.
func TestAHandlerMayEndManyConnectionsInOneCall(t *testing.T) {
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

// TestFinishKeepsItsDeadline: a handler that still sets one cannot keep a connection from ending.
func TestFinishKeepsItsDeadline(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, _ []byte) {
		c.Send([]byte("last words"))
		c.Finish()
		c.SetDeadline(100 * netpoll.FlushTicks)
	}
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	w.Advance((netpoll.FlushTicks + 1) * netpoll.TickLength)
	if !p.Closed {
		t.Fatal("the connection has the handler's deadline")
	}
}

// TestFlushCountsFromFinish: bytes that are taken before the first tick extend the flush as well.
func TestFlushCountsFromFinish(t *testing.T) {
	w, h := newWorld(t, nil)
	h[0].onData = func(c *netpoll.Conn, _ []byte) { c.Send([]byte("last words")); c.Finish() }
	p := w.Dial()
	p.Window = 0
	p.Send([]byte("x"))
	p.Open(1)
	w.Advance(netpoll.FlushTicks * netpoll.TickLength)
	if p.Closed {
		t.Fatal("gave up as if nothing had been taken")
	}
	w.Advance(netpoll.TickLength)
	if !p.Closed {
		t.Fatal("still flushing after the deadline")
	}
}

func TestOnlyAnOpenConnectionIsDuplicated(t *testing.T) {
	w, h := newWorld(t, nil)
	var dups []error
	dup := func(c *netpoll.Conn) {
		_, err := c.Dup()
		dups = append(dups, err)
	}
	h[0].onData = func(c *netpoll.Conn, _ []byte) { dup(c); c.Finish(); dup(c) }
	h[0].onClosed = dup
	p := w.Dial()
	p.Send([]byte("x"))
	p.HangUp()
	if len(dups) != 3 || !errors.Is(dups[0], errors.ErrUnsupported) || dups[1] != net.ErrClosed || dups[2] != net.ErrClosed {
		t.Fatalf("open, finishing and closed: %v", dups)
	}
}
