package netpoll

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// doorbell wakes a loop: a byte written to one end of a socket pair, whose other end is a connection on the
// loop, is read in its turn among all other ready sockets. It allocates nothing, and a reactor may ring its
// own without starving anybody. gnet's way to run something on a loop, Execute, does neither (see
// docs/adr/0003-doorbell.md).
//
// There are two bells, rung by turns. epoll looks at what was ready last time before it looks at what has become
// ready since; so a bell that is rung while it is being answered would be answered again ahead of everything that
// came meanwhile. The other one comes behind.
type doorbell struct {
	near [2]*os.File // ours; os.Files, so that a ring after close reaches nobody else's descriptor
	rung atomic.Uint32
}

var ding = []byte{1}

func (b *doorbell) ring() {
	_, _ = b.near[b.rung.Add(1)%uint32(len(b.near))].Write(ding) // counted first: the answer may come before Write is back
}

func (b *doorbell) close() {
	for _, near := range b.near {
		near.Close()
	}
}

// hang registers a doorbell's far ends with the next of the engine's loops, with d as their context.
func (d *gnetDriver) hang(engine gnet.Engine) (err error) {
	ctx := gnet.NewContext(context.Background(), d)
	d.bell.near[0], err = hangOne(func(far net.Conn) (<-chan gnet.RegisteredResult, error) {
		return engine.Register(gnet.NewNetConnContext(ctx, far))
	})
	if err != nil {
		return err
	}
	d.bell.near[1], err = hangOne(func(far net.Conn) (<-chan gnet.RegisteredResult, error) {
		return d.loop.Enroll(ctx, far) // the first one has found the loop
	})
	return err
}

// hangOne makes one bell, registers its far end and returns the near one.
func hangOne(register func(far net.Conn) (<-chan gnet.RegisteredResult, error)) (near *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
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
