package load

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// Opcodes of RFC 6455 §5.2. 3 to 7 and 11 to 15 are reserved.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// maxMessageBytes bounds what a server may send in one message. The server under test takes 64 KiB from clients.
const maxMessageBytes = 1 << 20

// maxControlBytes is the longest payload of a control frame (RFC 6455 §5.5).
const maxControlBytes = 125

// frame is one frame from the server. The payload aliases the read buffer.
type frame struct {
	final   bool
	op      byte
	payload []byte
}

// appendFrame appends an unfragmented frame, masked as a client's must be (RFC 6455 §5.3).
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

// applyMask masks or unmasks a payload (RFC 6455 §5.3), eight bytes at a time.
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

// parseFrame reads the frame at the beginning of data. A size of 0 means that it is incomplete. A fault is reported as
// soon as the bytes that show it have arrived.
func parseFrame(data []byte) (f frame, size int, bad *fault) {
	if len(data) < 2 {
		return f, 0, nil
	}
	f.final, f.op = data[0]&0x80 != 0, data[0]&0x0F
	if bad := checkHead(data[0], data[1]); bad != nil {
		return f, 0, bad
	}
	payload, head, bad := payloadLength(data)
	switch {
	case bad != nil:
		return f, 0, bad
	case head == 0:
		return f, 0, nil
	case payload > maxMessageBytes:
		return f, 0, tooLong
	case uint64(len(data)-head) < payload:
		return f, 0, nil
	}
	size = head + int(payload)
	f.payload = data[head:size]
	return f, size, nil
}

// checkHead applies the rules for which a frame's first two bytes are sufficient (RFC 6455 §5.1, §5.2 and §5.5).
func checkHead(first, second byte) *fault {
	op := first & 0x0F
	switch {
	case first&0x70 != 0:
		return reservedBits
	case op > opBinary && op < opClose || op > opPong:
		return reservedOpcode
	case second&0x80 != 0:
		return maskedFrame
	case op >= opClose && first&0x80 == 0:
		return fragmentedControl
	case op >= opClose && second > maxControlBytes:
		return longControl
	}
	return nil
}

// payloadLength reads the length of the payload (RFC 6455 §5.2). head is the size of the header, 0 while the length is
// incomplete.
func payloadLength(data []byte) (payload uint64, head int, bad *fault) {
	switch payload = uint64(data[1]); {
	case payload < 126:
		return payload, 2, nil
	case payload == 126 && len(data) >= 4:
		payload, head = uint64(binary.BigEndian.Uint16(data[2:])), 4
		if payload < 126 {
			bad = longLength
		}
	case payload == 127 && len(data) >= 10:
		payload, head = binary.BigEndian.Uint64(data[2:]), 10
		switch {
		case payload > math.MaxInt64:
			bad = negativeLength
		case payload <= math.MaxUint16:
			bad = longLength
		}
	}
	return payload, head, bad
}

// parseClose reads the payload of a close frame (RFC 6455 §5.5.1). The code is 0 if there is none.
func parseClose(payload []byte) (code uint16, reason []byte, bad *fault) {
	switch len(payload) {
	case 0:
		return 0, nil, nil
	case 1:
		return 0, nil, shortClose
	}
	code, reason = binary.BigEndian.Uint16(payload), payload[2:]
	switch {
	case !maySend(code):
		return 0, nil, wrongCloseCode
	case !utf8.Valid(reason):
		return 0, nil, invalidReason
	}
	return code, reason, nil
}

// maySend reports whether a close frame may have the code: one that RFC 6455 §7.4.1 defines or that has been registered
// since, but not 1004 to 1006 and 1015, which are reserved; or one for libraries and applications (§7.4.2).
func maySend(code uint16) bool {
	return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999
}

// reader joins frames and messages that arrive in pieces. It uses memory only while one is incomplete.
type reader struct {
	rest    []byte // of an incomplete frame
	message []byte // of a message in fragments (RFC 6455 §5.4)
	op      byte   // of that message; 0: no message is incomplete
}

// open returns data appended to the rest of an earlier read.
func (r *reader) open(data []byte) []byte {
	if len(r.rest) == 0 {
		return data
	}
	r.rest = append(r.rest, data...)
	return r.rest
}

// keep stores the part of the result of open that was not used. If nothing was used, it stays where it is: otherwise a
// long frame that arrives in many small reads would be copied with each of them.
func (r *reader) keep(data []byte) {
	if len(r.rest) > 0 && len(data) == len(r.rest) {
		return
	}
	r.rest = append([]byte(nil), data...)
}

// assemble returns the message or control frame that f completes, if it completes one.
func (r *reader) assemble(f frame) (op byte, payload []byte, complete bool, bad *fault) {
	switch {
	case f.op >= opClose:
		return f.op, f.payload, true, nil
	case f.op == opContinuation && r.op == 0:
		return 0, nil, false, strayContinuation
	case f.op != opContinuation && r.op != 0:
		return 0, nil, false, interruptedMessage
	case f.final && r.op == 0:
		return f.op, f.payload, true, nil
	case len(r.message)+len(f.payload) > maxMessageBytes:
		return 0, nil, false, tooLong
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
