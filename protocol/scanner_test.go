package protocol

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
)

func TestOrdinaryChecksEveryByte(t *testing.T) {
	for c := range 256 {
		for _, filler := range []byte{'a', ' ', '!', '#', '[', ']', 0x7f, 0x80, 0xff} {
			for at := range 8 {
				eight := []byte(strings.Repeat(string([]byte{filler}), 8))
				eight[at] = byte(c)
				want := c >= ' ' && c != '"' && c != '\\'
				if ordinary(binary.LittleEndian.Uint64(eight)) != want {
					t.Fatalf("% x: want %v", eight, want)
				}
			}
		}
	}
}

// TestRFC8259EveryByteInEveryPlace puts each byte value into each place of a text with every kind of token, and expects the
// result of the standard library.
func TestRFC8259EveryByteInEveryPlace(t *testing.T) {
	const text = ` {"a":[1,-2.5e+10,true,false,null,{"b\\u0041":"long enough for \\n eight"},{},[]],"c":"0123456789abcdef"} `
	for at := range len(text) {
		for c := range 256 {
			b := []byte(text)
			b[at] = byte(c)
			s := scanner{text: b}
			if ours := s.end(s.value(MaxDepth)) == valid; ours != json.Valid(b) {
				t.Fatalf("%q: we return %v", b, ours)
			}
			cut := b[:at]
			s = scanner{text: cut}
			if ours := s.end(s.value(MaxDepth)) == valid; ours != json.Valid(cut) {
				t.Fatalf("%q: we return %v", cut, ours)
			}
		}
	}
}
