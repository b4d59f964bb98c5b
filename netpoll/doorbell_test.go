package netpoll

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// busyTurns is a handler that, in each of its turns, has the client send a byte, waits until the kernel has it ready to
// read, and then posts to its own reactor, which rings the doorbell. The first turn only posts.
type busyTurns struct {
	idleHandler
	client net.Conn
	opened chan *Conn
	left   int   // turns to go
	read   int   // reads so far
	reads  []int // reads before each turn
	failed error
	done   chan struct{}
}

func (h *busyTurns) Opened(c *Conn)     { h.opened <- c }
func (h *busyTurns) Data(*Conn, []byte) { h.read++ }

func (h *busyTurns) Posted(p *Post, _ []byte) {
	c := p.Ref.(*Conn)
	if h.reads = append(h.reads, h.read); len(h.reads) > 1 {
		h.sendDuringTurn(c)
	}
	if h.left--; h.left == 0 || h.failed != nil {
		close(h.done)
		return
	}
	c.reactor.Post(Post{Ref: c}, nil)
}

func (h *busyTurns) sendDuringTurn(c *Conn) {
	if _, h.failed = h.client.Write([]byte("x")); h.failed == nil {
		h.failed = awaitReadable(int(c.fd))
	}
}

// awaitReadable returns when a socket has something to read and epoll knows it. The latter follows from the recv: it
// takes the socket's lock, which the kernel holds from before it queues the bytes until it has told epoll.
func awaitReadable(fd int) error {
	if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 30_000); err != nil {
		return err
	}
	_, _, err := unix.Recvfrom(fd, make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
	return err
}

// TestSocketsReadyDuringATurnAreReadBeforeTheNext needs the second doorbell: epoll reports a single one, rung while it
// is answered, before the sockets that became readable during that answer. The clock stands still at a tick that the
// ticker does not wake the reactor for.
func TestSocketsReadyDuringATurnAreReadBeforeTheNext(t *testing.T) {
	h := &busyTurns{opened: make(chan *Conn, 1), left: 10, done: make(chan struct{})}
	now := time.Unix(1000, 0)
	g, err := NewGroup(Options{
		Reactors: 1, MaxSockets: 100, Outbound: DefaultOutbound, Log: slog.New(slog.DiscardHandler),
		Now:        func() time.Time { return now },
		NewHandler: func(*Reactor) Handler { return h },
	})
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(TickLength)
	l, err := Serve(g, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopAtTheEnd(t, l)
	h.client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer h.client.Close()
	c := <-h.opened
	c.reactor.Post(Post{Ref: c}, nil)
	<-h.done
	if h.failed != nil {
		t.Fatal(h.failed)
	}
	for turn, reads := range h.reads[1:] {
		if reads != turn {
			t.Fatalf("%d of the %d bytes that had arrived before turn %d were read before it", reads, turn, turn)
		}
	}
}

// stopAtTheEnd stops the listener when the test is over.
func stopAtTheEnd(t *testing.T, l *Listener) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := l.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}
