package client

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"unicode/utf8"
)

// Opcodes (RFC 6455 §5.2).
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

const (
	finalBit, reservedBits, opcodeBits = 0x80, 0x70, 0x0f
	maskBit, lengthBits                = 0x80, 0x7f

	length16, length64 = 126, 127
	longestControl     = 125
)

// violation is a fault of the server's frames. The connection must be closed with the code.
type violation struct {
	code   int
	reason string
}

func (v violation) Error() string { return "the server violates the protocol: " + v.reason }

// appendFrame appends a masked frame with a whole message, as RFC 6455 §5.3 wants it from a client: with a key that nobody can predict.
func appendFrame(b []byte, op byte, payload []byte) []byte {
	b = append(b, finalBit|op)
	switch n := len(payload); {
	case n <= longestControl:
		b = append(b, maskBit|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, maskBit|length16), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, maskBit|length64), uint64(n))
	}
	var key [4]byte
	_, _ = rand.Read(key[:]) // it never fails
	b = append(b, key[:]...)
	start := len(b)
	b = append(b, payload...)
	for i := range payload {
		b[start+i] ^= key[i%len(key)]
	}
	return b
}

// frames reads messages and control frames of a server.
type frames struct {
	from    io.Reader // buffered: a header is read in small pieces
	limit   int       // of a message, in bytes
	message []byte    // the fragments so far
	open    bool      // there are fragments
	scratch [8]byte
}

// next returns a whole message or a control frame. The payload belongs to the caller.
func (f *frames) next() (op byte, payload []byte, err error) {
	for {
		fin, op, size, err := f.header()
		if err != nil {
			return 0, nil, err
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(f.from, payload); err != nil {
			return 0, nil, err
		}
		switch {
		case op >= opClose:
			return op, payload, nil
		case fin && !f.open:
			return checked(payload)
		}
		f.message, f.open = append(f.message, payload...), !fin
		if fin {
			whole := f.message
			f.message = nil
			return checked(whole)
		}
	}
}

// checked returns a message if it is valid text.
func checked(payload []byte) (byte, []byte, error) {
	if !utf8.Valid(payload) {
		return 0, nil, violation{codeInvalidText, "the text is not UTF-8"}
	}
	return opText, payload, nil
}

// header reads and checks the header of a frame.
func (f *frames) header() (fin bool, op byte, size int, err error) {
	head := f.scratch[:2]
	if _, err := io.ReadFull(f.from, head); err != nil {
		return false, 0, 0, err
	}
	fin, op = head[0]&finalBit != 0, head[0]&opcodeBits
	reserved, masked, short := head[0]&reservedBits != 0, head[1]&maskBit != 0, head[1]&lengthBits
	if fault := f.fault(fin, op, reserved, masked, short); fault != "" {
		return false, 0, 0, violation{codeProtocolError, fault}
	}
	if op == opBinary {
		return false, 0, 0, violation{codeUnsupported, "a binary message"}
	}
	length, err := f.length(short)
	if err != nil {
		return false, 0, 0, err
	}
	if length > uint64(f.limit-len(f.message)) {
		return false, 0, 0, violation{codeTooBig, "a message above the limit"}
	}
	return fin, op, int(length), nil
}

// fault names a fault of a header's first two bytes, or "".
func (f *frames) fault(fin bool, op byte, reserved, masked bool, short byte) string {
	switch {
	case reserved:
		return "a reserved bit"
	case op > opBinary && op < opClose || op > opPong:
		return "a reserved opcode"
	case masked:
		return "a masked frame"
	case op >= opClose && (!fin || short > longestControl):
		return "a control frame that is fragmented or too long"
	case op == opContinuation && !f.open:
		return "a continuation with nothing to continue"
	case op == opText && f.open, op == opBinary && f.open:
		return "a new message before the last one has ended"
	}
	return ""
}

// length reads the rest of a frame's length, which must have its shortest form.
func (f *frames) length(short byte) (uint64, error) {
	var length, least uint64
	switch short {
	default:
		return uint64(short), nil
	case length16:
		if _, err := io.ReadFull(f.from, f.scratch[:2]); err != nil {
			return 0, err
		}
		length, least = uint64(binary.BigEndian.Uint16(f.scratch[:2])), longestControl+1
	case length64:
		if _, err := io.ReadFull(f.from, f.scratch[:]); err != nil {
			return 0, err
		}
		length, least = binary.BigEndian.Uint64(f.scratch[:]), 1<<16
	}
	if length < least {
		return 0, violation{codeProtocolError, "a length that is not in its shortest form"}
	}
	return length, nil
}
