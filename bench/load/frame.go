package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Opcodes of RFC 6455 §5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// maxMessageBytes bounds what a server may send in one message. The server under test takes 64 KiB from clients.
const maxMessageBytes = 1 << 20

// maxControlBytes is the longest payload of a control frame (RFC 6455 §5.5).
const maxControlBytes = 125

// frame is one frame from the server. The payload is the read buffer's.
type frame struct {
	final   bool
	op      byte
	payload []byte
}

// appendFrame writes a final frame, masked as a client's must be (RFC 6455 §5.3).
func appendFrame(dst []byte, op byte, mask uint32, payload []byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n <= maxControlBytes:
		dst = append(dst, 0x80|byte(n))
	case n <= math.MaxUint16:
		dst = append(dst, 0x80|126, byte(n>>8), byte(n))
	default:
		dst = append(dst, 0x80|127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	dst = binary.LittleEndian.AppendUint32(dst, mask)
	at := len(dst)
	dst = append(dst, payload...)
	applyMask(dst[at:], mask)
	return dst
}

// applyMask is RFC 6455 §5.3, eight bytes at a time.
func applyMask(p []byte, mask uint32) {
	wide := uint64(mask)<<32 | uint64(mask)
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^wide)
		p = p[8:]
	}
	for i := range p {
		p[i] ^= byte(wide >> (8 * i))
	}
}

// parseFrame reads the frame that data begins with. A size of 0 means that it is not complete.
func parseFrame(data []byte) (f frame, size int, err error) {
	if len(data) < 2 {
		return f, 0, nil
	}
	f.final, f.op = data[0]&0x80 != 0, data[0]&0x0F
	if data[0]&0x70 != 0 || data[1]&0x80 != 0 {
		return f, 0, fmt.Errorf("the server sent a frame with reserved bits or a mask (% x)", data[:2])
	}
	payload, head := uint64(data[1]), 2
	switch {
	case payload == 126 && len(data) >= 4:
		payload, head = uint64(binary.BigEndian.Uint16(data[2:])), 4
	case payload == 127 && len(data) >= 10:
		payload, head = binary.BigEndian.Uint64(data[2:]), 10
	case payload >= 126:
		return f, 0, nil
	}
	if payload > maxMessageBytes || f.op >= opClose && (payload > maxControlBytes || !f.final) {
		return f, 0, fmt.Errorf("the server sent a frame of %d bytes with opcode %d: too long, or a control frame in pieces", payload, f.op)
	}
	if uint64(len(data)-head) < payload {
		return f, 0, nil
	}
	size = head + int(payload)
	f.payload = data[head:size]
	return f, size, nil
}

// reader puts together what arrives in pieces. It holds memory only while something is incomplete.
type reader struct {
	rest    []byte // of a frame
	message []byte // of a message in fragments (RFC 6455 §5.4)
	op      byte   // of that message; 0: there is none
}

// open returns data behind what an earlier read left over.
func (r *reader) open(data []byte) []byte {
	if len(r.rest) == 0 {
		return data
	}
	r.rest = append(r.rest, data...)
	return r.rest
}

// keep holds on to what open returned and nobody could use yet. When that is all of it, it stays where it is: a long
// frame in many small reads would otherwise be copied with each of them.
func (r *reader) keep(data []byte) {
	if len(r.rest) > 0 && len(data) == len(r.rest) {
		return
	}
	r.rest = append([]byte(nil), data...)
}

// assemble returns the message or control frame that f completes, if it does.
func (r *reader) assemble(f frame) (op byte, payload []byte, whole bool, err error) {
	switch {
	case f.op >= opClose:
		return f.op, f.payload, true, nil
	case (f.op == opContinuation) != (r.op != 0):
		return 0, nil, false, errors.New("the server sent a fragment of nothing, or a message amid another")
	case f.final && r.op == 0:
		return f.op, f.payload, true, nil
	case len(r.message)+len(f.payload) > maxMessageBytes:
		return 0, nil, false, fmt.Errorf("the server sent a message of more than %d bytes", maxMessageBytes)
	}
	if r.op == 0 {
		r.op = f.op
	}
	r.message = append(r.message, f.payload...)
	if !f.final {
		return 0, nil, false, nil
	}
	op, payload = r.op, r.message
	r.op, r.message = 0, nil
	return op, payload, true, nil
}
