package main

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// unmasked returns a frame as a server sends it.
func unmasked(size int) []byte {
	b := textFrame(size)
	header := len(b) - size - len(maskKey)
	b[1] &= 0x7f
	return append(b[:header:header], bytes.Repeat([]byte{0x88}, size)...)
}

func TestStreamFindsFramesInPiecesOfAnySize(t *testing.T) {
	sizes := []int{0, 1, 125, 126, 512, 0, 65535, 3}
	var wire []byte
	for _, size := range sizes {
		wire = append(wire, unmasked(size)...)
	}
	for _, piece := range []int{1, 2, 3, 7, 1000, len(wire)} {
		var s stream
		var found []int
		for part := range slices.Chunk(wire, piece) {
			for len(part) > 0 {
				rest, size, ok, err := s.next(part)
				if err != nil {
					t.Fatal(err)
				}
				if part = rest; ok {
					found = append(found, size)
					if tagged := s.tag == 0x88; tagged != (size > tagAt) {
						t.Errorf("in pieces of %d: the tag of %d bytes is %x", piece, size, s.tag)
					}
				}
			}
		}
		if !slices.Equal(found, sizes) {
			t.Errorf("in pieces of %d: got %v, want %v", piece, found, sizes)
		}
	}
}

func TestStreamFailsAtACloseFrameAndAtATooLongFrame(t *testing.T) {
	for _, test := range []struct {
		frame string
		want  error
	}{
		{"\x88\x02\x03\xe8", errClosed},
		{"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", errTooLong},
	} {
		var s stream
		if _, _, _, err := s.next([]byte(test.frame)); !errors.Is(err, test.want) {
			t.Errorf("%q: got %v, want %v", test.frame, err, test.want)
		}
	}
}
