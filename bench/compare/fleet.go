package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// fleet is the generator: many client connections on one epoll instance and one thread. It does as little as possible for each
// message, so that the server is measured and not the generator.
type fleet struct {
	poller   int
	server   unix.SockaddrInet4
	dialect  *dialect
	request  func(client int) ([]byte, error) // the handshake
	early    workload                         // gets the messages that arrive while connections are opened
	answered func(rest []byte) error          // is called after each handshake, with the bytes after the answer
	conns    []conn
	events   [batch]unix.EpollEvent
	input    []byte
	lastRead time.Time // when bytes last arrived
}

type conn struct {
	index  int
	fd     int
	state  connState
	stream stream
	head   []byte    // the part of the answer that has arrived
	sent   time.Time // when the connection was begun, and later when its last message was sent
}

type connState uint8

const (
	stateConnecting connState = iota
	stateAsked                // the request has been sent
	stateOpen
)

// workload decides which messages are sent.
type workload interface {
	begin(f *fleet) error
	// received is called for each frame that has arrived.
	received(f *fleet, c *conn, now time.Time) error
	// afterReads is called when all sockets that were ready have been read.
	afterReads(f *fleet) error
}

func newFleet(server netip.AddrPort, d *dialect) (*fleet, error) {
	poller, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	to := unix.SockaddrInet4{Port: int(server.Port()), Addr: server.Addr().As4()}
	return &fleet{poller: poller, server: to, dialect: d, request: d.request, early: listening{}, answered: func([]byte) error { return nil }, input: make([]byte, readBufferBytes)}, nil
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

// errDone is returned by a workload that is over.
var errDone = errors.New("done")

// finish runs a workload until it is over.
func (f *fleet) finish(w workload) error {
	switch err := f.run(w, time.Now().Add(finishTimeout)); {
	case errors.Is(err, errDone):
		return nil
	case err != nil:
		return err
	}
	return errors.New("not all messages arrived in time")
}

// run runs a workload until the given time.
func (f *fleet) run(w workload, until time.Time) error {
	f.lastRead = time.Now()
	for now := f.lastRead; now.Before(until); now = time.Now() {
		n, err := f.wait()
		if err != nil {
			return err
		}
		for i := range f.events[:n] {
			if err := f.receive(&f.conns[f.events[i].Pad], w); err != nil {
				return err
			}
		}
		if err := w.afterReads(f); err != nil {
			return err
		}
		if n > 0 {
			f.lastRead = now
		} else if now.Sub(f.lastRead) > stallTimeout {
			return errors.New("no more messages arrive: one was lost")
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

// receive reads once and delivers every complete frame.
func (f *fleet) receive(c *conn, w workload) error {
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
	return c.deliver(f, f.input[:n], w)
}

// deliver passes every frame that these bytes complete to the workload.
func (c *conn) deliver(f *fleet, b []byte, w workload) error {
	now := time.Now()
	for len(b) > 0 {
		rest, _, ok, err := c.stream.next(b)
		if err != nil {
			return err
		}
		if b = rest; !ok {
			continue
		}
		if c.stream.ping() {
			err = c.send(pong, now)
		} else {
			err = w.received(f, c, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// send writes complete frames. Few bytes are outstanding, so it is an error if the socket does not take them.
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
