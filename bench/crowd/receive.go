package crowd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// RFC 6455 §5.2
const (
	closeOp = 8
	pingOp  = 9
)

var (
	errClosed  = errors.New("the connection is closed")
	errTooLong = errors.New("a node sent a frame longer than any message")
)

// pong answers a ping without a payload; the key is zeros.
var pong = []byte{0x8a, 0x80, 0, 0, 0, 0}

// receive reads once and handles all complete frames.
func (c *Crowd) receive(i int) error {
	k := &c.clients[i]
	n, err := c.read(i)
	if n <= 0 {
		if !errors.Is(err, unix.EAGAIN) {
			c.lose(i)
		}
		return nil
	}
	arrived := c.input[:n]
	if len(k.part) > 0 {
		arrived = append(k.part, arrived...)
	}
	return c.take(i, arrived)
}

// lose drops a connection that its other end has closed. The client comes back.
func (c *Crowd) lose(i int) {
	c.Figures.Closed++
	c.drop(i)
	c.away = append(c.away, int32(i))
}

// take handles the complete frames at the beginning of b, and keeps the rest.
func (c *Crowd) take(i int, b []byte) error {
	c.message.At = Monotonic()
	for {
		op, payload, rest, err := frame(b)
		if err != nil {
			return err
		}
		if payload == nil {
			break
		}
		b = rest
		switch op {
		case closeOp:
			c.lose(i)
			return nil
		case pingOp:
			c.Figures.Pings++
			if n, _ := write(int(c.clients[i].fd), pong); n < len(pong) {
				c.lose(i)
				return nil
			}
		default:
			if err := c.handle(i, payload); err != nil {
				return err
			}
		}
	}
	k := &c.clients[i]
	if k.part = nil; len(b) > 0 {
		k.part = bytes.Clone(b)
	}
	return nil
}

// frame returns the first frame of b, and the bytes after it. The payload is nil if the frame is not complete.
func frame(b []byte) (op byte, payload, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, nil
	}
	at, size := 2, int(b[1])
	switch {
	case size > 126:
		return 0, nil, nil, errTooLong
	case size == 126 && len(b) < 4:
		return 0, nil, nil, nil
	case size == 126:
		at, size = 4, int(binary.BigEndian.Uint16(b[2:]))
	}
	if len(b) < at+size {
		return 0, nil, nil, nil
	}
	return b[0] & 0xf, b[at : at+size : at+size], b[at+size:], nil
}

// read reads into the input.
func (c *Crowd) read(i int) (int, error) {
	n, err := read(int(c.clients[i].fd), c.input)
	c.full = n == len(c.input)
	return n, err
}

// read and write are for non-blocking sockets, so the scheduler need not know of the call, whose work before and after an ordinary
// system call costs as much as a small read.

func read(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return outcome(n, errno)
}

func write(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	return outcome(n, errno)
}

func outcome(n uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
