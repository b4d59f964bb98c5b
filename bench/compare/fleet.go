package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// fleet is the generator: many client connections on one epoll instance and one thread. It does as little as
// it can for each message, so that the server and not the generator is what is measured.
type fleet struct {
	poller int
	server unix.SockaddrInet4
	speaks *dialect
	conns  []conn
	events [batch]unix.EpollEvent
	input  []byte
	heard  time.Time // when something last arrived
}

type conn struct {
	index  int
	fd     int
	state  connState
	stream stream
	head   []byte    // of the answer, while that is arriving in pieces
	sent   time.Time // when the connection began, later when its last message left
}

type connState uint8

const (
	stateConnecting connState = iota
	stateAsked                // the request is sent
	stateOpen
)

// player decides what is sent.
type player interface {
	begin(f *fleet) error
	// message is told of each frame that has arrived.
	message(f *fleet, c *conn, size int, now time.Time) error
	// turned is called when all that was ready has been read.
	turned(f *fleet) error
}

func newFleet(server netip.AddrPort, speaks *dialect) (*fleet, error) {
	poller, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	to := unix.SockaddrInet4{Port: int(server.Port()), Addr: server.Addr().As4()}
	return &fleet{poller: poller, server: to, speaks: speaks, input: make([]byte, readBytes)}, nil
}

// close resets all connections, which leaves neither side a port in TIME_WAIT.
func (f *fleet) close() {
	for i := range f.conns {
		reset(f.conns[i].fd)
	}
	unix.Close(f.poller)
}

func reset(fd int) {
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	unix.Close(fd)
}

// play lets p play until then.
func (f *fleet) play(p player, until time.Time) error {
	f.heard = time.Now()
	for now := f.heard; now.Before(until); now = time.Now() {
		n, err := f.wait()
		if err != nil {
			return err
		}
		for i := range f.events[:n] {
			if err := f.receive(&f.conns[f.events[i].Pad], p); err != nil {
				return err
			}
		}
		if err := p.turned(f); err != nil {
			return err
		}
		if n > 0 {
			f.heard = now
		} else if now.Sub(f.heard) > stallTimeout {
			return errors.New("nothing arrives any more: a message was lost")
		}
	}
	return nil
}

func (f *fleet) wait() (int, error) {
	n, err := unix.EpollWait(f.poller, f.events[:], pollMillis)
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return n, err
}

// receive reads once and tells p of every frame that is whole.
func (f *fleet) receive(c *conn, p player) error {
	n, err := read(c.fd, f.input)
	if errors.Is(err, unix.EAGAIN) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read: %w", err)
	}
	if n == 0 {
		return errClosed
	}
	return c.hear(f, f.input[:n], p)
}

// hear tells p of every frame that is whole with what has arrived.
func (c *conn) hear(f *fleet, b []byte, p player) error {
	now := time.Now()
	for len(b) > 0 {
		rest, size, ok, err := c.stream.next(b)
		if err != nil {
			return err
		}
		if b = rest; !ok {
			continue
		}
		if c.stream.ping() {
			err = c.send(pong, now)
		} else {
			err = p.message(f, c, size, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// send writes whole frames. What is outstanding is little, so that a socket which does not take it is an error.
func (c *conn) send(frames []byte, now time.Time) error {
	c.sent = now
	n, err := write(c.fd, frames)
	if err != nil {
		return fmt.Errorf("cannot send: %w", err)
	}
	if n < len(frames) {
		return errors.New("the server does not read: a socket is full")
	}
	return nil
}
