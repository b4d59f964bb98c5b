package netpoll

import (
	"errors"
	"net"
	"os"
	"sync/atomic"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// doorbell wakes an event loop. It is a socket pair whose far end is a connection on the loop: a byte written to the
// near end is read in its turn among all other ready sockets. Ringing allocates nothing, and a reactor may ring its own
// doorbell without starving other sockets. Neither is true of Execute, gnet's way to run something on a loop (see
// docs/adr/0003-doorbell.md).
//
// There are two socket pairs, used alternately. epoll looks at the sockets that it has just reported before it looks at
// those that became ready since. With one pair, a ring during the turn that answers the last ring would be answered
// before all sockets that became ready during that turn. The other pair comes after them.
//
// The near ends block, and so Go's poller does not watch them: it would wake a thread after each turn, because a byte that is read
// makes room in the pair. A ring does not wait, since at most two bytes are unread.
type doorbell struct {
	near [2]*os.File // os.Files, so that a ring after close does not write to another owner of the descriptor
	rung atomic.Uint32
}

// register makes the far end of a socket pair a connection on a loop.
type register func(far net.Conn) (<-chan gnet.RegisteredResult, error)

var ding = []byte{1}

// install makes the socket pairs and registers their far ends, one after the other.
func (b *doorbell) install(far [2]register) (err error) {
	for i := range b.near {
		if b.near[i], err = newPair(far[i]); err != nil {
			return err
		}
	}
	return nil
}

// ring wakes the loop. Any goroutine may call it.
func (b *doorbell) ring() {
	_, _ = b.near[b.rung.Add(1)%uint32(len(b.near))].Write(ding) // counted first: the turn may begin before Write returns
}

func (b *doorbell) close() {
	for _, near := range b.near {
		near.Close()
	}
}

// newPair makes one socket pair, registers its far end, which net.FileConn makes non-blocking, and returns the near one.
func newPair(register register) (near *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	near, farFile := os.NewFile(uintptr(fds[0]), "doorbell"), os.NewFile(uintptr(fds[1]), "doorbell")
	defer farFile.Close()
	far, err := net.FileConn(farFile)
	if err != nil {
		return nil, errors.Join(err, near.Close())
	}
	registered, err := register(far)
	if err == nil {
		err = (<-registered).Err
	}
	if err != nil {
		return nil, errors.Join(err, near.Close())
	}
	return near, nil
}
