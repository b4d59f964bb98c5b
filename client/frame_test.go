package client

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestViolationsOfTheServerAreFound(t *testing.T) {
	long := func(short byte, length ...byte) string { return string(append([]byte{0x81, short}, length...)) }
	for _, tt := range []struct {
		name, bytes string
		code        int
	}{
		{"a reserved bit", "\xc1\x00", codeProtocolError},
		{"a reserved opcode", "\x83\x00", codeProtocolError},
		{"a reserved control opcode", "\x8b\x00", codeProtocolError},
		{"a mask", "\x81\x80\x00\x00\x00\x00", codeProtocolError},
		{"a fragmented ping", "\x09\x00", codeProtocolError},
		{"a long ping", "\x89\x7e\x00\x80", codeProtocolError},
		{"a continuation of nothing", "\x80\x00", codeProtocolError},
		{"a second message before the first has ended", "\x01\x00\x81\x00", codeProtocolError},
		{"a binary message", "\x82\x00", codeUnsupported},
		{"a length of 16 bits that fits into 7", long(126, 0, 125), codeProtocolError},
		{"a length of 64 bits that fits into 16", long(127, 0, 0, 0, 0, 0, 0, 0xff, 0xff), codeProtocolError},
		{"a length with the top bit", long(127, 0x80, 0, 0, 0, 0, 0, 0, 0), codeTooBig},
		{"a message above the limit", long(126, 4, 1), codeTooBig},
		{"fragments above the limit", "\x01\x7e\x03\xff" + strings.Repeat("x", 1023) + "\x80\x02xx", codeTooBig},
		{"text that is not UTF-8", "\x81\x01\xff", codeInvalidText},
		{"a character that ends in no fragment", "\x01\x01\xc3\x80\x00", codeInvalidText},
	} {
		f := frames{from: strings.NewReader(tt.bytes), limit: 1024}
		op, payload, err := f.next()
		var fault violation
		if !errors.As(err, &fault) || fault.code != tt.code {
			t.Errorf("%s: %d %q, %v; want the code %d", tt.name, op, payload, err, tt.code)
		}
	}
}

func TestFragmentsAreJoined(t *testing.T) {
	f := frames{from: strings.NewReader("\x01\x02a\xc3\x89\x01p\x00\x01\xa9\x80\x01b\x81\x01c\x88\x00\x81"), limit: 5}
	for _, want := range []string{"9p", "1aéb", "1c", "8"} {
		op, payload, err := f.next()
		if got := string(append([]byte{'0' + op}, payload...)); got != want || err != nil {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	}
	if _, _, err := f.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestFramesOfAllLengthsAreMasked(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 0xffff, 0x10000} {
		payload := bytes.Repeat([]byte("xyz"), n)[:n]
		b := appendFrame(nil, opText, payload)
		if n > 8 && bytes.Contains(b, payload[:8]) || b[1]&maskBit == 0 {
			t.Errorf("%d bytes are not masked", n)
		}
		op, got, err := readMasked(bytes.NewReader(b))
		if op != opText || !bytes.Equal(got, payload) || err != nil {
			t.Errorf("%d bytes: %d, %d bytes, %v", n, op, len(got), err)
		}
	}
	if first, second := appendFrame(nil, opText, nil), appendFrame(nil, opText, nil); binary.BigEndian.Uint32(first[2:]) == binary.BigEndian.Uint32(second[2:]) {
		t.Error("two frames have the same mask")
	}
}
