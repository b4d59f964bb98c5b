package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// fleet is the generator: many client connections on one epoll instance and one thread. It does little for each
// message, so that the server is measured and not the generator.
type fleet struct {
	poller      int
	server      unix.SockaddrInet4
	dialect     *dialect
	conns       []conn
	events      [batch]unix.EpollEvent
	input       []byte
	lastArrival time.Time // when something last arrived
}

type conn struct {
	index  int
	fd     int
	state  connState
	stream stream
	head   []byte    // the answer, while it is incomplete
	sent   time.Time // when the connect started, later when the last message was sent
}

type connState uint8

const (
	stateConnecting connState = iota
	stateRequested            // the request is sent
	stateOpen
)

// player decides what the fleet sends.
type player interface {
	begin(f *fleet) error
	// message is called for each frame that has arrived.
	message(f *fleet, c *conn, size int, now time.Time) error
	// flush is called when everything that was ready has been read.
	flush(f *fleet) error
}

func newFleet(server netip.AddrPort, speaks *dialect) (*fleet, error) {
	poller, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	to := unix.SockaddrInet4{Port: int(server.Port()), Addr: server.Addr().As4()}
	return &fleet{poller: poller, server: to, dialect: speaks, input: make([]byte, readBytes)}, nil
}

// close resets all connections, so that no port stays in TIME_WAIT.
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

// play runs a player until then.
func (f *fleet) play(p player, until time.Time) error {
	f.lastArrival = time.Now()
	for now := f.lastArrival; now.Before(until); now = time.Now() {
		n, err := f.wait()
		if err != nil {
			return err
		}
		for i := range f.events[:n] {
			if err := f.receive(&f.conns[f.events[i].Pad], p); err != nil {
				return err
			}
		}
		if err := p.flush(f); err != nil {
			return err
		}
		if n > 0 {
			f.lastArrival = now
		} else if now.Sub(f.lastArrival) > stallTimeout {
			return errors.New("nothing has arrived for too long: a message was lost")
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

// receive reads once and handles the frames.
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
	return c.handleFrames(f, f.input[:n], p)
}

// handleFrames passes every complete frame to p, and answers pings.
func (c *conn) handleFrames(f *fleet, b []byte, p player) error {
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

// send writes complete frames. Little is outstanding, so that a socket that does not take it is an error.
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
