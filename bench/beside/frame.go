package main

import (
	"encoding/binary"
	"errors"
)

// RFC 6455 §5.2
const (
	textOp  = 1
	closeOp = 8
	pingOp  = 9
	pongOp  = 10
)

// longest is the size of a payload that no message here reaches.
const longest = 8 << 20

var errTooLong = errors.New("a server sent a frame longer than any message")

// appendFrame appends a payload as a client's frame, with a key of zeros.
func appendFrame(b []byte, op byte, payload []byte) []byte {
	b = append(b, 0x80|op)
	if len(payload) < 126 {
		b = append(b, 0x80|byte(len(payload)))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// cutFrame returns the first frame of a server, and the bytes after it. The payload is nil if the frame is not complete.
func cutFrame(b []byte) (op byte, payload, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, b, nil
	}
	at, size := 2, int(b[1])
	switch {
	case size == 126 && len(b) >= 4:
		at, size = 4, int(binary.BigEndian.Uint16(b[2:]))
	case size == 127 && len(b) >= 10:
		long := binary.BigEndian.Uint64(b[2:])
		if long > longest {
			return 0, nil, nil, errTooLong
		}
		at, size = 10, int(long)
	case size > 127:
		return 0, nil, nil, errors.New("a server masked a frame")
	case size >= 126:
		return 0, nil, b, nil
	}
	if len(b) < at+size {
		return 0, nil, b, nil
	}
	return b[0] & 0xf, b[at : at+size : at+size], b[at+size:], nil
}
