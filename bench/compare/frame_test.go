package main

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

func TestAFrameIsAMaskedTextMessage(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 1000, 65535} {
		text := []byte(strings.Repeat("x", size))
		f := frame(text)
		if f[0] != 0x81 || f[1]&0x80 == 0 {
			t.Fatalf("%d bytes: a frame that begins with %x", size, f[:2])
		}
		length, rest := int(f[1]&0x7f), f[2:]
		if length == 126 {
			length, rest = int(binary.BigEndian.Uint16(rest)), rest[2:]
		}
		mask, payload := rest[:4], bytes.Clone(rest[4:])
		for i := range payload {
			payload[i] ^= mask[i%4]
		}
		if length != size || !bytes.Equal(payload, text) {
			t.Errorf("%d bytes: length %d, payload of %d", size, length, len(payload))
		}
	}
}
