package netpoll

import (
	"context"
	"net"
	"os"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// doorbell wakes a loop: a byte written to one end of a socket pair, whose other end is a connection on the
// loop, is read in its turn among all other ready sockets. It allocates nothing, and a reactor may ring its
// own without starving anybody. gnet's way to run something on a loop, Execute, does neither (see
// docs/adr/0003-doorbell.md).
type doorbell struct {
	near *os.File // ours; an os.File, so that a ring after Close reaches nobody else's descriptor
}

var ding = []byte{1}

func (b *doorbell) ring() { _, _ = b.near.Write(ding) }

// hang makes a doorbell and registers its far end with the next of the engine's loops, with d as its context.
func hang(engine gnet.Engine, d *gnetDriver) (*doorbell, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	near, farFile := os.NewFile(uintptr(fds[0]), "doorbell"), os.NewFile(uintptr(fds[1]), "doorbell")
	defer farFile.Close()
	far, err := net.FileConn(farFile)
	if err != nil {
		return nil, err
	}
	ctx := gnet.NewNetConnContext(gnet.NewContext(context.Background(), d), far)
	registered, err := engine.Register(ctx)
	if err != nil {
		return nil, err
	}
	if result := <-registered; result.Err != nil {
		return nil, result.Err
	}
	return &doorbell{near: near}, nil
}
