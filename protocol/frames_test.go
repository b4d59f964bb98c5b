package protocol

import "encoding/binary"

// testMask is the mask of frames in tests: no byte of it is 0, and no two are equal.
var testMask = [4]byte{0x9d, 0x27, 0xf1, 0x06}

// clientFrame is a frame as a client sends it.
func clientFrame(fin bool, op OpCode, payload []byte) []byte {
	return clientFrameMasked(fin, op, payload, testMask)
}

func clientFrameMasked(fin bool, op OpCode, payload []byte, mask [4]byte) []byte {
	first := byte(op)
	if fin {
		first |= 0x80
	}
	out := []byte{first}
	switch n := len(payload); {
	case n < 126:
		out = append(out, 0x80|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 0x80|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 0x80|127), uint64(n))
	}
	out = append(out, mask[:]...)
	for i, c := range payload {
		out = append(out, c^mask[i%4])
	}
	return out
}
