package netpoll

import (
	"bytes"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWriteRawReturnsWhatTheKernelTook: all of it, some of it, and nothing if the socket is full, reset or closed.
func TestWriteRawReturnsWhatTheKernelTook(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte("0123456789abcdef"), 1<<10)
	sent := 0
	for n := len(chunk); n > 0; sent += n {
		if n = writeRaw(fds[0], chunk); sent == 0 && n != len(chunk) {
			t.Fatalf("an empty socket took %d bytes", n)
		}
		if sent > 64<<20 {
			t.Fatal("a socket whose other end does not read took 64 MiB")
		}
	}
	got := make([]byte, sent+1)
	if n, err := unix.Read(fds[1], got); n != sent || err != nil {
		t.Errorf("%d of %d bytes arrived: %v", n, sent, err)
	}
	unix.Close(fds[1])
	if n := writeRaw(fds[0], chunk); n != 0 {
		t.Errorf("%d bytes went to nobody", n)
	}
	unix.Close(fds[0])
	if n := writeRaw(fds[0], chunk); n != 0 {
		t.Errorf("a closed descriptor took %d bytes", n)
	}
}

// straight is a driver that writes to a descriptor of its own, and a socket that queues everything else.
type straight struct {
	idleDriver
	fd     int
	writes int // to the descriptor
	queued []byte
}

func (s *straight) Write(fd int32, b []byte) int {
	s.writes++
	return writeRaw(int(fd), b)
}

// queue is the socket of a straight driver.
type queue struct{ *straight }

func (q queue) Write(b []byte) (int, error) {
	q.queued = append(q.queued, b...)
	return len(b), nil
}

func (q queue) OutboundBuffered() int { return len(q.queued) }
func (q queue) Fd() int               { return q.fd }
func (q queue) Dup() (int, error)     { return -1, net.ErrClosed }
func (q queue) SetContext(any)        {}
func (q queue) RemoteAddr() net.Addr  { return nil }

// TestNothingOvertakesQueuedBytes: bytes go straight to the descriptor only as long as the socket has nothing queued, even
// if the kernel has room again. Bytes are counted as sent once, whichever way they take.
func TestNothingOvertakesQueuedBytes(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	g, _ := idleGroup(t, 1, nil)
	d := &straight{fd: fds[0]}
	r := g.Attach(0, d)
	if !r.Open(queue{d}) {
		t.Fatal("not opened")
	}
	c := r.slab.at(0)
	large := make([]byte, 1<<20) // more than the kernel takes
	c.Send(large)
	direct := len(large) - len(d.queued)
	if direct == 0 || len(d.queued) == 0 {
		t.Fatalf("%d bytes went straight and %d are queued: this test shows nothing", direct, len(d.queued))
	}
	if n, err := unix.Read(fds[1], make([]byte, len(large))); n != direct || err != nil {
		t.Fatalf("%d of %d bytes: %v", n, direct, err)
	}
	c.SendLast([]byte("after"))
	if !bytes.HasSuffix(d.queued, []byte("after")) || d.writes != 1 {
		t.Errorf("%d writes to the descriptor, want 1: a message overtook %d queued bytes", d.writes, len(d.queued))
	}
	if sent := g.Sent(); sent != uint64(len(large)+len("after")) {
		t.Errorf("%d bytes are counted as sent, want %d", sent, len(large)+len("after"))
	}
}
