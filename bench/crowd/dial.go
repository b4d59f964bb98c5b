package crowd

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// dialSome begins the connections of some clients that are away, and reports whether more can begin at once.
func (c *Crowd) dialSome(now time.Time) (more bool) {
	if c.Hold || len(c.Targets) == 0 {
		return false
	}
	if len(c.refused) > 0 && now.After(c.retryAt) {
		c.away, c.refused = append(c.away, c.refused...), nil
	}
	n := 0
	for n < min(len(c.away), dials) && c.underway < c.Underway {
		i := int(c.away[n])
		n++
		c.underway++
		if err := c.dial(i); err != nil {
			c.refuse(i, err)
		}
	}
	c.away = c.away[n:]
	if len(c.away) == 0 {
		c.away = nil
	}
	return len(c.away) > 0 && c.underway < c.Underway
}

// refuse closes a connection that has not become one. The client tries again.
func (c *Crowd) refuse(i int, err error) {
	c.failure = err
	c.Figures.Refused++
	c.drop(i)
	c.clients[i].attempts++
	if len(c.refused) == 0 {
		c.retryAt = time.Now().Add(retryPause)
	}
	c.refused = append(c.refused, int32(i))
}

// Refusal returns why a handshake failed the last time, or nil.
func (c *Crowd) Refusal() error { return c.failure }

func (c *Crowd) dial(i int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open a socket: %w", err)
	}
	k := &c.clients[i]
	k.fd, k.state = int32(fd), isConnecting
	to := c.Targets[(i+int(k.attempts))%len(c.Targets)]
	if c.Source != [4]byte{} {
		err = errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1),
			unix.Bind(fd, &unix.SockaddrInet4{Addr: c.source(i)}))
	}
	err = errors.Join(err, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	}
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return fmt.Errorf("cannot connect: %w", err)
	}
	return c.watch(i)
}

// source returns the address of a client. connect(2) takes every other port first, and looks at all of these again each time once
// they are used: with 18,000 connections from one address to one node that took more time than all the rest.
func (c *Crowd) source(i int) [4]byte {
	from := c.Source
	from[2] += byte(i / perSource)
	return from
}

// events are all that a connection needs in its life. Without EPOLLET each epoll_wait would look again at the sockets that the last one has reported: of
// 200,000 clients, the last one then had a broadcast after 1.84 to 2.03 s instead of 1.71 to 1.80 s (three rounds by turns).
const events = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET

// watch adds a connection to the epoll instance.
func (c *Crowd) watch(i int) error {
	fd := int(c.clients[i].fd)
	return unix.EpollCtl(c.poller.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd), Pad: int32(i)})
}

// advance takes the next step of a connection.
func (c *Crowd) advance(i int) error {
	k := &c.clients[i]
	var err error
	switch k.state {
	case isOpen:
		return c.receive(i)
	case isConnecting:
		err = c.ask(i)
	case hasAsked:
		err = c.answered(i)
		if k.state == isOpen {
			return err
		}
	}
	if err != nil {
		c.refuse(i, err)
	}
	return nil
}

// ask sends the handshake on a new connection, or fails if there is none.
func (c *Crowd) ask(i int) error {
	k := &c.clients[i]
	c.request = append(c.request[:0], "GET /ws?resume="...)
	if k.epoch != 0 {
		c.request = fmt.Appendf(c.request, "%s.%d.%d", c.epochs[k.epoch], k.broadcast, k.direct)
	}
	c.request = append(c.request, " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer "...)
	c.request = append(c.tokens.append(c.request, c.First+i), "\r\n\r\n"...)
	if n, err := write(int(k.fd), c.request); err != nil || n < len(c.request) {
		return fmt.Errorf("cannot send the handshake: %w", err)
	}
	k.state = hasAsked
	return nil
}

// answered reads the answer to a handshake, and the frames after it.
func (c *Crowd) answered(i int) error {
	k := &c.clients[i]
	n, err := c.read(i)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return nil
	case err != nil || n == 0:
		return fmt.Errorf("a node closed a connection instead of answering: %w", errors.Join(err, errClosed))
	}
	arrived := c.input[:n]
	if len(k.part) > 0 {
		arrived = append(k.part, arrived...)
	}
	head, rest, complete := bytes.Cut(arrived, []byte("\r\n\r\n"))
	switch {
	case !complete:
		k.part = bytes.Clone(arrived)
		return nil
	case !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")):
		return fmt.Errorf("a node refused: %.300q", arrived)
	}
	k.state, k.part = isOpen, nil
	c.underway--
	c.Figures.Open++
	return c.take(i, rest)
}
