package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

var errEarly = errors.New("a message arrived before anything was sent")

// connect opens n more connections, inFlight of them at once, and calls done with the time of each from its SYN to its 101.
func (f *fleet) connect(n int, done func(time.Duration)) error {
	open, target := len(f.conns), len(f.conns)+n
	f.conns = slices.Grow(f.conns, n)
	for deadline := time.Now().Add(connectTimeout); open < target; {
		for len(f.conns) < target && len(f.conns)-open < inFlight {
			if err := f.dial(); err != nil {
				return err
			}
		}
		ready, err := f.wait()
		if err != nil {
			return err
		}
		for i := range f.events[:ready] {
			c := &f.conns[f.events[i].Pad]
			before := c.state
			if err := f.advance(c); err != nil {
				return err
			}
			if c.state == stateOpen && before != stateOpen {
				open++
				done(time.Since(c.sent))
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of %d connections could be opened", open, target)
		}
	}
	return nil
}

func (f *fleet) dial() error {
	index := len(f.conns)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open a socket: %w", err)
	}
	f.conns = append(f.conns, conn{index: index, fd: fd, sent: time.Now()})
	source := unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(2 + index/perSource)}}
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.Bind(fd, &source))
	if err == nil {
		err = unix.Connect(fd, &f.server)
	}
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return fmt.Errorf("cannot connect: %w", err)
	}
	return f.watch(unix.EPOLL_CTL_ADD, &f.conns[index], unix.EPOLLOUT)
}

func (f *fleet) watch(how int, c *conn, events uint32) error {
	return unix.EpollCtl(f.poller, how, c.fd, &unix.EpollEvent{Events: events, Fd: int32(c.fd), Pad: int32(c.index)})
}

// advance takes the next step of a connection's handshake.
func (f *fleet) advance(c *conn) error {
	switch c.state {
	case stateConnecting:
		if errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || errno != 0 {
			return fmt.Errorf("cannot connect: %w", errors.Join(err, unix.Errno(errno)))
		}
		request, err := f.request(c.index)
		if err != nil {
			return err
		}
		if _, err := write(c.fd, request); err != nil {
			return fmt.Errorf("cannot send the request: %w", err)
		}
		c.state = stateAsked
		return f.watch(unix.EPOLL_CTL_MOD, c, unix.EPOLLIN)
	case stateAsked:
		return f.readAnswer(c)
	}
	if f.dialect.unsolicited {
		return f.receive(c, f.early)
	}
	return errEarly
}

// listening is a workload that sends nothing.
type listening struct{}

func (listening) begin(*fleet) error                      { return nil }
func (listening) received(*fleet, *conn, time.Time) error { return nil }
func (listening) afterReads(*fleet) error                 { return nil }

func (f *fleet) readAnswer(c *conn) error {
	n, err := read(c.fd, f.input)
	if err != nil || n == 0 {
		return fmt.Errorf("the server closed instead of answering: %w", errors.Join(err, errClosed))
	}
	c.head = append(c.head, f.input[:n]...)
	head, rest, complete := bytes.Cut(c.head, []byte("\r\n\r\n"))
	switch {
	case !complete:
		return nil
	case !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) || !bytes.Contains(head, []byte(accepted)):
		return fmt.Errorf("the server refused: %q", c.head)
	case len(rest) > 0 && !f.dialect.unsolicited:
		return errEarly
	}
	c.head, c.state = nil, stateOpen
	if err := f.answered(rest); err != nil {
		return err
	}
	return c.deliver(f, rest, f.early)
}
