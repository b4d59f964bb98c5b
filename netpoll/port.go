package netpoll

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// claim is a port that this process holds before its event loops listen on it.
//
// Each loop binds the port with SO_REUSEPORT, which lets any two processes of one user share a port without an error.
// So a node first listens without that option, which the kernel allows to one socket at a time, and keeps that socket
// until a loop listens too. There is no moment at which a second node finds the port free.
type claim struct {
	addr     string // with the port, also if port 0 was asked for
	listener net.Listener
}

// claimPort claims addr. A port of 0 stands for a free one: each loop would otherwise get a port of its own.
//
// The host stays as it was given: Go names the socket of 0.0.0.0 as [::], which gnet would bind for IPv6 alone.
// An empty host is every IPv4 address.
func claimPort(addr string) (*claim, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %q: %w", addr, err)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	network := "tcp"
	if host == "0.0.0.0" {
		network = "tcp4"
	}
	config := net.ListenConfig{Control: dropSYNs}
	config.SetMultipathTCP(false) // the loops' sockets are plain TCP, and a multipath socket takes no filter
	l, err := config.Listen(context.Background(), network, addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &claim{net.JoinHostPort(host, port), l}, nil
}

// dropSYNs has the kernel drop what is sent to a socket. A client that connects while the port is only claimed sends its SYN
// again a second later; without the filter its connection would be accepted here, and reset by release.
//
// Some hardened kernels refuse the filter to a user other than root (EPERM). The node serves without it: only a client that
// connects within the milliseconds between the claim and the loops is reset.
func dropSYNs(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		nothing := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K} // 0 bytes of each packet are kept
		_ = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &nothing})
	})
}

// share lets this process's event loops bind the port as well. The kernel compares the option of both sockets each time
// that a further socket binds, so it has an effect although it is set after the bind: nginx adds workers to a port in
// the same way.
func (c *claim) share() error {
	raw, err := c.listener.(*net.TCPListener).SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	})
	return errors.Join(err, refused)
}

// release gives the port up. It may be called more than once.
func (c *claim) release() { _ = c.listener.Close() }

// FreeAddr returns addr with a port of 0 replaced by a free one, or an error when addr cannot be bound or is in use.
// Another process may take the port after it returns.
func FreeAddr(addr string) (string, error) {
	c, err := claimPort(addr)
	if err != nil {
		return "", err
	}
	c.release()
	return c.addr, nil
}
