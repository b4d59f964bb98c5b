package protocol

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestOrdinaryFindsTheFirstByteThatIsNot puts each byte value into each place, and a byte that is not ordinary after it, where a borrow
// could hide it or make it come first.
func TestOrdinaryFindsTheFirstByteThatIsNot(t *testing.T) {
	for c := range 256 {
		for _, filler := range []byte{'a', ' ', '!', '#', '[', ']', 0x7f, 0x80, 0xff} {
			for at := range 19 {
				for next := at + 1; next <= 19; next++ {
					text := []byte(strings.Repeat(string([]byte{filler}), 20))
					text[at], text[next] = byte(c), "\"\\\x00\x1f"[next%4]
					want := at
					if c >= ' ' && c != '"' && c != '\\' {
						want = next
					}
					if got := ordinary(text); got != want {
						t.Fatalf("% x: %d are ordinary, want %d", text, got, want)
					}
					if got := ordinary(text[:next]); got != min(want, next) {
						t.Fatalf("% x: %d are ordinary, want %d", text[:next], got, min(want, next))
					}
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
