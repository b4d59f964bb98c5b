package protocol

import (
	"encoding/binary"
	"math"
)

// finBit marks the last frame of a message (RFC 6455 §5.2). Every frame we send is one: we never fragment.
const finBit = 0x80

// AppendFrame appends a whole message or control frame. A server does not mask (RFC 6455 §5.1).
func AppendFrame(dst []byte, op OpCode, payload []byte) []byte {
	return append(AppendHeader(dst, op, len(payload)), payload...)
}

// AppendHeader appends the header of a frame whose payload, of payloadLen bytes, the caller appends.
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
