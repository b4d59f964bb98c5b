package main

import "errors"

// stream finds the frames in the bytes that one connection receives, by their lengths. Of a payload it keeps one byte: the
// servers' own tests look at the rest, and the floor's are still masked.
type stream struct {
	header [4]byte // of the current frame: servers do not mask, and no message here needs the longest form
	have   int     // bytes of it
	size   int     // payload bytes of the frame
	left   int     // of which have not arrived; valid once the header is complete
	tag    byte    // the byte of the payload at tagAt, 0 if it has none
}

// RFC 6455 §5.2
const (
	closeOp = 8
	pingOp  = 9
)

var (
	errClosed  = errors.New("the server has closed a connection")
	errTooLong = errors.New("the server sent a frame longer than any message")
)

// ping reports whether the frame that just ended was a ping.
func (s *stream) ping() bool { return s.header[0]&0xf == pingOp }

// next consumes bytes of b up to the end of a frame. ok reports whether one has ended; size is that of its payload.
func (s *stream) next(b []byte) (rest []byte, size int, ok bool, err error) {
	for s.have < 2 || s.header[1] == 126 && s.have < 4 {
		if len(b) == 0 {
			return b, 0, false, nil
		}
		s.header[s.have] = b[0]
		s.have++
		b = b[1:]
		s.size = int(s.header[1])
		if s.have == 4 {
			s.size = int(s.header[2])<<8 | int(s.header[3])
		}
		s.left, s.tag = s.size, 0
	}
	switch {
	case s.header[0]&0xf == closeOp:
		return b, 0, false, errClosed
	case s.header[1] > 126:
		return b, 0, false, errTooLong
	}
	n := min(s.left, len(b))
	if at := tagAt - (s.size - s.left); at >= 0 && at < n {
		s.tag = b[at]
	}
	s.left -= n
	if s.left > 0 {
		return nil, 0, false, nil
	}
	s.have = 0
	return b[n:], s.size, true, nil
}
