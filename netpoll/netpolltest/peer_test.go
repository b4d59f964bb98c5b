package netpolltest_test

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// echo is a handler that sends everything back and notes the causes of ends.
type echo struct {
	reactor *netpoll.Reactor
	closed  []error
	log     *[]string // shared by all reactors
}

func (e *echo) Opened(*netpoll.Conn)                {}
func (e *echo) Deadline(*netpoll.Conn) int          { return 1 }
func (e *echo) Slow(c *netpoll.Conn) int            { c.Abort(); return 1 }
func (e *echo) Closed(_ *netpoll.Conn, cause error) { e.closed = append(e.closed, cause) }
func (e *echo) Posted(*netpoll.Post, []byte)        {}
func (e *echo) Ticked()                             {}

func (e *echo) Work(int) bool {
	*e.log = append(*e.log, fmt.Sprintf("%d turns", e.reactor.Index()))
	return false
}

func (e *echo) Data(c *netpoll.Conn, b []byte) {
	*e.log = append(*e.log, fmt.Sprintf("%d reads %q", e.reactor.Index(), b))
	if string(b) == "bye" {
		c.Finish()
		return
	}
	c.Send(b)
}

// newWorld makes a world of echoes that share one log.
func newWorld(t *testing.T, reactors int, seed uint64) (w *netpolltest.World, handlers []*echo, log *[]string) {
	t.Helper()
	log = new([]string)
	w, err := netpolltest.New(netpoll.Options{
		Reactors: reactors, MaxSockets: 100, Outbound: netpoll.DefaultOutbound, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(r *netpoll.Reactor) netpoll.Handler {
			h := &echo{reactor: r, log: log}
			handlers = append(handlers, h)
			return h
		},
	}, seed)
	if err != nil {
		t.Fatal(err)
	}
	return w, handlers, log
}

// watcher is told of everything at the server's end.
type watcher struct{ events []string }

func (w *watcher) Reads(n int)       { w.events = append(w.events, fmt.Sprint("reads ", n)) }
func (w *watcher) HasRead()          { w.events = append(w.events, "has read") }
func (w *watcher) Writes(b []byte)   { w.events = append(w.events, fmt.Sprintf("writes %q", b)) }
func (w *watcher) Loses(cause error) { w.events = append(w.events, fmt.Sprint("loses ", cause)) }

func TestWindowHoldsBytesBack(t *testing.T) {
	w, _, _ := newWorld(t, 1, 1)
	p := w.Dial()
	p.Window = 3
	p.Send([]byte("hello"))
	if got := string(p.Received()); got != "hel" || p.OutboundBuffered() != 2 {
		t.Errorf("received %q through a window of 3, %d bytes are held", got, p.OutboundBuffered())
	}
	p.Open(1)
	if got := string(p.Received()); got != "l" || p.OutboundBuffered() != 1 {
		t.Errorf("received %q after 1 more, %d bytes are held", got, p.OutboundBuffered())
	}
	p.Open(netpolltest.Unlimited)
	if got := string(p.Received()); got != "o" || p.Writes != 1 {
		t.Errorf("received %q through an open window, of %d writes", got, p.Writes)
	}
}

func TestAPeerThatForgetsTakesBytesAndKeepsNone(t *testing.T) {
	w, _, _ := newWorld(t, 1, 1)
	p := w.Dial()
	p.Forgets, p.Window = true, 4
	p.Send([]byte("hello"))
	if p.Window != 0 || p.OutboundBuffered() != 1 {
		t.Errorf("the window is %d, and %d bytes are held back", p.Window, p.OutboundBuffered())
	}
	p.Open(10)
	if got := p.Received(); len(got) > 0 || p.OutboundBuffered() != 0 || p.Window != 9 {
		t.Errorf("it has kept %q, %d bytes are held back, and the window is %d", got, p.OutboundBuffered(), p.Window)
	}
}

func TestAWriteFailsAtItsByte(t *testing.T) {
	w, h, _ := newWorld(t, 1, 1)
	p := w.Dial()
	p.FailAt = 6
	p.Send([]byte("hello"))
	if p.Closed || string(p.Received()) != "hello" {
		t.Fatal("a write before the failing byte did not succeed")
	}
	p.Send([]byte("!"))
	if !p.Closed || !slices.Equal(h[0].closed, []error{netpolltest.ErrReset}) {
		t.Errorf("closed %v, causes %v", p.Closed, h[0].closed)
	}
	if n, err := p.Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("a closed peer took %d bytes", n)
	}
}

func TestAHalfClosedPeerIsReadToItsEnd(t *testing.T) {
	w, h, log := newWorld(t, 1, 1)
	p := w.Dial()
	p.Transmit([]byte("hel"))
	p.Transmit([]byte("lo"))
	p.HalfClose()
	if p.Unread() != 5 || len(*log) != 0 {
		t.Errorf("%d bytes are on their way; the server has %q", p.Unread(), *log)
	}
	w.Settle()
	if want := []string{`0 reads "hello"`}; !slices.Equal(*log, want) || !slices.Equal(h[0].closed, []error{io.EOF}) {
		t.Errorf("%q, closed %v", *log, h[0].closed)
	}
}

func TestTornReadsBringEveryByteInOrder(t *testing.T) {
	w, _, log := newWorld(t, 1, 1)
	w.Torn = 100
	p := w.Dial()
	message := "a message of more than sixteen bytes, which is the most that a torn read brings"
	p.Transmit([]byte(message))
	w.Settle()
	if got := string(p.Received()); got != message || len(*log) < 5 {
		t.Errorf("%q came back of %d reads", got, len(*log))
	}
}

func TestAWatcherSeesTheServersEnd(t *testing.T) {
	w, _, _ := newWorld(t, 1, 1)
	watch := &watcher{}
	p := &netpolltest.Peer{From: w.From, Window: netpolltest.Unlimited, Watch: watch}
	w.Connect(0, p)
	p.Transmit([]byte("hello"))
	w.Settle()
	p.Reset()
	p.Reset()
	want := []string{"reads 5", `writes "hello"`, "has read", "loses connection reset by peer"}
	if !slices.Equal(watch.events, want) {
		t.Errorf("%q, want %q", watch.events, want)
	}
}

func TestTheServerShutsAndClosesAPeer(t *testing.T) {
	w, h, _ := newWorld(t, 1, 1)
	p := w.Dial()
	p.Send([]byte("bye"))
	if !p.EOF || p.Closed {
		t.Fatalf("after Finish: EOF %v, closed %v", p.EOF, p.Closed)
	}
	w.Advance((netpoll.LingerTicks + 1) * netpoll.TickLength)
	if !p.Closed || !slices.Equal(h[0].closed, []error{nil}) {
		t.Errorf("after lingering: closed %v, causes %v", p.Closed, h[0].closed)
	}
}
