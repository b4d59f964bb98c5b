package jitter

import (
	"encoding/binary"
	"errors"
	"io"
)

// RFC 6455 §5.2
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10

	final, masked    = 0x80, 0x80
	length16         = 126
	length64         = 127
	longest7, mask32 = 125, "\x00\x00\x00\x00" // a key of zeros leaves the payload as it is

	maxPayload = 64 << 10 // of a server's message: all here are shorter
)

var errTooLong = errors.New("the server sent a frame longer than any message")

// frame returns a message in one frame, as a client sends it. Messages are shorter than 64 KiB.
func frame(op byte, payload []byte) []byte {
	b := []byte{final | op}
	if n := len(payload); n <= longest7 {
		b = append(b, masked|byte(n))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, masked|length16), uint16(n))
	}
	return append(append(b, mask32...), payload...)
}

// readFrame reads a frame of a server, which is a whole message and not compressed.
func readFrame(r io.Reader) (op byte, payload []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	op = head[0] & 0xf
	size := uint64(head[1] & 0x7f)
	switch size {
	case length16:
		_, err = io.ReadFull(r, head[:2])
		size = uint64(binary.BigEndian.Uint16(head[:2]))
	case length64:
		_, err = io.ReadFull(r, head[:])
		size = binary.BigEndian.Uint64(head[:])
	}
	if err != nil {
		return 0, nil, err
	}
	if size > maxPayload {
		return 0, nil, errTooLong
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(r, payload)
	return op, payload, err
}
