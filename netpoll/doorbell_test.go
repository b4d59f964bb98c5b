package netpoll

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// busyTurns is a handler that, in each of its turns, has another client send a byte, waits until the kernel has it ready to
// read, and then posts to its own reactor, which rings the doorbell. The first turn only posts.
type busyTurns struct {
	idleHandler
	reactor *Reactor
	clients []net.Conn
	opened  chan *Conn
	conns   []*Conn // the clients' in the same order
	read    int     // reads so far
	reads   []int   // reads before each turn
	failed  error
	done    chan struct{}
}

func (h *busyTurns) Opened(c *Conn)     { h.opened <- c }
func (h *busyTurns) Data(*Conn, []byte) { h.read++ }

func (h *busyTurns) Posted(*Post, []byte) {
	turn := len(h.reads)
	h.reads = append(h.reads, h.read)
	if turn > 0 {
		_, h.failed = h.clients[turn-1].Write([]byte("x"))
		if h.failed == nil {
			h.failed = awaitReadable(int(h.conns[turn-1].fd))
		}
	}
	if turn == len(h.clients) || h.failed != nil {
		close(h.done)
		return
	}
	h.reactor.Post(Post{}, nil)
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
	const turns = 10
	h := &busyTurns{opened: make(chan *Conn, 1), done: make(chan struct{})}
	now := time.Unix(1000, 0)
	g, err := NewGroup(Options{
		Reactors: 1, MaxSockets: 100, Outbound: DefaultOutbound, Log: slog.New(slog.DiscardHandler),
		Now:        func() time.Time { return now },
		NewHandler: func(r *Reactor) Handler { h.reactor = r; return h },
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
	for range turns {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		h.clients, h.conns = append(h.clients, client), append(h.conns, <-h.opened)
	}
	h.reactor.Post(Post{}, nil)
	select {
	case <-h.done:
	case <-time.After(30 * time.Second):
		t.Fatal("a post from within a turn caused no other turn")
	}
	if h.failed != nil {
		t.Fatal(h.failed)
	}
	for turn, reads := range h.reads[1:] {
		if reads != turn {
			t.Fatalf("%d of the %d bytes that had arrived before turn %d were read before it", reads, turn, turn)
		}
	}
}

// TestADoorbellIsClosedAtBothEnds: each pair is two descriptors. A ring that comes later writes to no other file. The alarm,
// which rings it, is closed as well.
func TestADoorbellIsClosedAtBothEnds(t *testing.T) {
	g, err := NewGroup(Options{
		Reactors: 2, MaxSockets: 100, Outbound: DefaultOutbound, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(*Reactor) Handler { return idleHandler{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Serve(g, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := l.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	for i, d := range l.events.drivers {
		for _, near := range d.bell.near {
			if _, err := near.Write(ding); !errors.Is(err, os.ErrClosed) {
				t.Errorf("loop %d: a ring after the end: %v", i, err)
			}
		}
		if err := d.alarm.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("loop %d: the alarm after the end: %v", i, err)
		}
		d.Ring()
	}
}

// TestADoorbellThatCannotBeInstalledIsClosed takes the pair back whose far end no loop takes.
func TestADoorbellThatCannotBeInstalledIsClosed(t *testing.T) {
	var b doorbell
	var far net.Conn
	refused := errors.New("no loop")
	err := b.install([2]register{func(c net.Conn) (<-chan gnet.RegisteredResult, error) {
		far = c
		return nil, refused
	}})
	if !errors.Is(err, refused) || b.near[0] != nil {
		t.Errorf("%v, near end %v", err, b.near[0])
	}
	_ = far.SetReadDeadline(time.Now().Add(30 * time.Second))
	if n, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the near end is still open: %d bytes, %v", n, err)
	}
}

// TestGosPollerDoesNotWatchTheNearEnds: a file that it watches can have a deadline.
func TestGosPollerDoesNotWatchTheNearEnds(t *testing.T) {
	var b doorbell
	take := func(far net.Conn) (<-chan gnet.RegisteredResult, error) {
		t.Cleanup(func() { far.Close() })
		taken := make(chan gnet.RegisteredResult, 1)
		taken <- gnet.RegisteredResult{}
		return taken, nil
	}
	if err := b.install([2]register{take, take}); err != nil {
		t.Fatal(err)
	}
	defer b.close()
	for i, near := range b.near {
		if err := near.SetDeadline(time.Time{}); !errors.Is(err, os.ErrNoDeadline) {
			t.Errorf("near end %d: %v", i, err)
		}
	}
}

// stopAtTheEnd stops the listener when the test is over.
func stopAtTheEnd(t testing.TB, l *Listener) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := l.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}
