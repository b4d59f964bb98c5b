package main

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

var errClosed = errors.New("the connection is closed")

// dialAll begins the connections of clients that are away.
func (f *fleet) dialAll() {
	if f.hold {
		return
	}
	if len(f.later) > 0 && time.Now().After(f.retryAt) {
		f.away, f.later = append(f.away, f.later...), nil
	}
	for len(f.away) > 0 && f.underway < underway {
		i := f.away[0]
		f.away = f.away[1:]
		f.underway++
		if err := f.dial(i); err != nil {
			f.refuse(i, err)
		}
	}
}

// refuse closes a connection that has not become one. The client tries again.
func (f *fleet) refuse(i int, err error) {
	f.failure = err
	f.refused++
	f.drop(i)
	f.again(i)
}

func (f *fleet) dial(i int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open a socket: %w", err)
	}
	k := &f.clients[i]
	k.fd, k.state = fd, isConnecting
	to := f.targets[i%len(f.targets)]
	err = errors.Join(unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.EpollCtl(f.poller, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: int32(fd), Pad: int32(i)}))
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	}
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return fmt.Errorf("cannot connect: %w", err)
	}
	return nil
}

// advance takes the next step of a connection.
func (f *fleet) advance(i int) error {
	k := &f.clients[i]
	if k.state == isConnecting {
		if err := f.ask(i); err != nil {
			f.refuse(i, err)
		}
		return nil
	}
	n, err := unix.Read(k.fd, f.input)
	if errors.Is(err, unix.EAGAIN) {
		return nil
	}
	if n <= 0 {
		f.ended(i, errors.Join(err, errClosed))
		return nil
	}
	arrived := f.input[:n]
	if len(k.part) > 0 {
		arrived = append(k.part, arrived...)
		k.part = nil
	}
	if k.state == hasAsked {
		return f.answered(i, arrived)
	}
	return f.take(i, arrived)
}

// ended handles the end of a connection.
func (f *fleet) ended(i int, err error) {
	if f.clients[i].state == isOpen {
		f.lose(i)
	} else {
		f.refuse(i, err)
	}
}

// ask sends the handshake on a new connection.
func (f *fleet) ask(i int) error {
	k := &f.clients[i]
	if errno, err := unix.GetsockoptInt(k.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || errno != 0 {
		return fmt.Errorf("cannot connect: %w", errors.Join(err, unix.Errno(errno)))
	}
	b := f.request([]byte("GET "), k.token, &k.position)
	b = append(b, "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"...)
	if err := f.write(i, b); err != nil {
		return fmt.Errorf("cannot send the handshake: %w", err)
	}
	k.state = hasAsked
	return unix.EpollCtl(f.poller, unix.EPOLL_CTL_MOD, k.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(k.fd), Pad: int32(i)})
}

// answered reads the answer to a handshake, and the frames after it.
func (f *fleet) answered(i int, arrived []byte) error {
	k := &f.clients[i]
	head, rest, complete := bytes.Cut(arrived, []byte("\r\n\r\n"))
	switch {
	case !complete:
		k.part = bytes.Clone(arrived)
		return nil
	case !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")):
		f.refuse(i, fmt.Errorf("a server refused: %.300q", arrived))
		return nil
	}
	k.state = isGreeting
	if text := f.greeting(k.token, &k.position); text != nil {
		if err := f.write(i, appendFrame(nil, textOp, text)); err != nil {
			f.refuse(i, err)
			return nil
		}
	}
	return f.take(i, rest)
}

// take handles the complete frames at the beginning of b, and keeps the rest.
func (f *fleet) take(i int, b []byte) error {
	k := &f.clients[i]
	for {
		op, payload, rest, err := cutFrame(b)
		if err != nil {
			return err
		}
		if payload == nil {
			break
		}
		b = rest
		if err := f.handle(i, op, payload); err != nil {
			return err
		}
		if k.state == isAway {
			return nil
		}
	}
	if len(b) > 0 {
		k.part = bytes.Clone(b)
	}
	return nil
}

// handle handles a frame.
func (f *fleet) handle(i int, op byte, payload []byte) error {
	k := &f.clients[i]
	var answer []byte
	switch op {
	case closeOp:
		f.codes[closeSaid(payload)]++
		f.ended(i, errClosed)
		return nil
	case pingOp:
		answer = appendFrame(nil, pongOp, payload)
	case textOp:
		text, err := f.dialect.take(payload, k.token, &k.position, func(e *event) error { return f.happened(i, e) })
		if err != nil {
			return err
		}
		if text != nil {
			answer = appendFrame(nil, textOp, text)
		}
	}
	if answer != nil {
		if err := f.write(i, answer); err != nil {
			f.ended(i, err)
		}
	}
	return nil
}

// closeSaid names a close frame.
func closeSaid(payload []byte) string {
	if len(payload) < 2 {
		return "close"
	}
	return fmt.Sprintf("close %d %s", int(payload[0])<<8|int(payload[1]), payload[2:])
}

// happened counts an event, and hands it on.
func (f *fleet) happened(i int, e *event) error {
	k := &f.clients[i]
	e.client = i
	switch {
	case e.kind == isWelcome:
		if k.state = isOpen; e.recovered {
			f.recovered++
		} else {
			f.fresh++
		}
		f.open++
		f.underway--
	case e.code != "":
		f.codes[e.code]++
	}
	return f.onMessage(e)
}
