package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAClientsFrameIsMaskedWithZeros(t *testing.T) {
	if got := appendFrame(nil, textOp, []byte("hi")); string(got) != "\x81\x82\x00\x00\x00\x00hi" {
		t.Errorf("%q", got)
	}
	if got := appendFrame(nil, textOp, make([]byte, 300)); string(got[:8]) != "\x81\xfe\x01\x2c\x00\x00\x00\x00" || len(got) != 308 {
		t.Errorf("%q", got[:8])
	}
}

func TestAFrameIsCutWhenItIsComplete(t *testing.T) {
	for _, size := range []int{0, 2, 125, 126, 1000, 70_000} {
		payload := strings.Repeat("x", size)
		head := map[bool]string{true: "\x81" + string(rune(size))}[size < 126]
		if size >= 126 {
			head = string([]byte{0x81, 126, byte(size >> 8), byte(size)})
		}
		if size > 65535 {
			head = string([]byte{0x81, 127, 0, 0, 0, 0, 0, byte(size >> 16), byte(size >> 8), byte(size)})
		}
		whole := []byte(head + payload)
		for _, part := range []int{0, 1, len(head) - 1, len(whole) - 1} {
			if _, got, rest, err := cutFrame(whole[:part]); got != nil || len(rest) != part || err != nil {
				t.Errorf("%d of %d bytes are a frame, %v", part, len(whole), err)
			}
		}
		op, got, rest, err := cutFrame(append(whole, "more"...))
		if op != textOp || string(got) != payload || !bytes.Equal(rest, []byte("more")) || err != nil {
			t.Errorf("a frame of %d bytes: op %d, %d bytes, rest %q, %v", size, op, len(got), rest, err)
		}
	}
}

func TestAFrameThatNoServerSendsIsAnError(t *testing.T) {
	for _, bad := range []string{"\x81\x82....", "\x81\x7f\x00\x00\x01\x00\x00\x00\x00\x00"} {
		if _, _, _, err := cutFrame([]byte(bad)); err == nil {
			t.Errorf("%q is a frame", bad)
		}
	}
}
