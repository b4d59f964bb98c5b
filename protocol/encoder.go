package protocol

import (
	"encoding/binary"
	"math"
)

// finBit marks the last frame of a message (RFC 6455 §5.2). The server never fragments, so it is set in every frame.
const finBit = 0x80

// AppendFrame appends a message or a control frame. A server does not mask its frames (RFC 6455 §5.1).
func AppendFrame(dst []byte, op OpCode, payload []byte) []byte {
	return append(AppendHeader(dst, op, len(payload)), payload...)
}

// AppendHeader appends a frame header. The caller appends the payload of payloadLen bytes.
func AppendHeader(dst []byte, op OpCode, payloadLen int) []byte {
	dst = append(dst, finBit|byte(op))
	switch {
	case payloadLen < 126:
		return append(dst, byte(payloadLen))
	case payloadLen <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(payloadLen))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 127), uint64(payloadLen))
	}
}
