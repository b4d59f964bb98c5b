package protocol

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// utf8Cases are the sequences of group 6 of the conformance suite, and whether they are valid text.
var utf8Cases = map[string]struct {
	texts []string
	good  bool
}{
	"6.5 characters of each length": {[]string{"hello$world", "hello\u00a2world", "hello\u20acworld", "hello\U00024b62world", "\u03ba\u1f79\u03c3\u03bc\u03b5"}, true},
	"6.6 complete prefixes":         {[]string{"\u03ba", "\u03ba\u1f79", "\u03ba\u1f79\u03c3", "\u03ba\u1f79\u03c3\u03bc"}, true},
	"6.6 prefixes cut short":        {[]string{"\xce", "\u03ba\xe1", "\u03ba\xe1\xbd", "\u03ba\u1f79\xcf", "\u03ba\u1f79\u03c3\xce", "\u03ba\u1f79\u03c3\u03bc\xce"}, false},
	"6.7 lowest of each length":     {[]string{"\x00", "\u0080", "\u0800", "\U00010000"}, true},
	"6.8 lowest of 5 and 6":         {[]string{"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"}, false},
	"6.9 highest of each length":    {[]string{"\x7f", "\u07ff", "\uffff", "\U0010ffff"}, true},
	"6.10 highest of old 4, 5, 6":   {[]string{"\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf"}, false},
	"6.11 boundaries":               {[]string{"\ud7ff", "\ue000", "\ufffd", "\U0010ffff"}, true},
	"6.11 above U+10FFFF":           {[]string{"\xf4\x90\x80\x80"}, false},
	"6.12 lone continuations":       {[]string{"\x80", "\xbf", "\x80\xbf", "\x80\xbf\x80", "\x80\xbf\x80\xbf", "\x80\xbf\x80\xbf\x80", "\x80\xbf\x80\xbf\x80\xbf", byteRange(0x80, 0xbe)}, false},
	"6.13 lone leads":               {[]string{spaced(0xc0, 0xdf), spaced(0xe0, 0xef), spaced(0xf0, 0xf7), spaced(0xf8, 0xfb), spaced(0xfc, 0xfd)}, false},
	"6.14 last byte missing":        {[]string{"\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80", "\xdf", "\xef\xbf", "\xf7\xbf\xbf", "\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf"}, false},
	"6.15 all of those":             {[]string{"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80\xdf\xef\xbf\xf7\xbf\xbf\xfb\xbf\xbf\xbf\xfd\xbf\xbf\xbf\xbf"}, false},
	"6.16 impossible bytes":         {[]string{"\xfe", "\xff", "\xfe\xfe\xff\xff"}, false},
	"6.17 over-long slash":          {[]string{"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf"}, false},
	"6.18 largest over-long":        {[]string{"\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf"}, false},
	"6.19 over-long NUL":            {[]string{"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80"}, false},
	"6.20 surrogates":               {[]string{"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf"}, false},
	"6.21 surrogate pairs": {[]string{"\xed\xa0\x80\xed\xb0\x80", "\xed\xa0\x80\xed\xbf\xbf", "\xed\xad\xbf\xed\xb0\x80", "\xed\xad\xbf\xed\xbf\xbf",
		"\xed\xae\x80\xed\xb0\x80", "\xed\xae\x80\xed\xbf\xbf", "\xed\xaf\xbf\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf"}, false},
	"6.22 non-characters": {nonCharacters(), true},
	"6.23 specials":       {[]string{"\ufff9", "\ufffa", "\ufffb", "\ufffc", "\ufffd", "\ufffe", "\uffff"}, true},
}

func byteRange(from, to byte) (s string) {
	for c := from; c <= to; c++ {
		s += string([]byte{c})
	}
	return s
}

func spaced(from, to byte) (s string) {
	for c := from; c <= to; c++ {
		s += string([]byte{c, ' '})
	}
	return s
}

func nonCharacters() (all []string) {
	for plane := rune(0); plane <= 16; plane++ {
		all = append(all, string(plane<<16|0xfffe), string(plane<<16|0xffff))
	}
	return all
}

func TestRFC6455Section81Text(t *testing.T) {
	for name, test := range utf8Cases {
		t.Run(name, func(t *testing.T) {
			for _, s := range test.texts {
				want := fail1007
				if test.good {
					want = said(OpText, s)
				}
				expect(t, text(s), want)
				expect(t, binaryTwin(s), said(OpBinary, s))
				for cut := range len(s) + 1 {
					expect(t, slices.Concat(start(s[:cut]), last(s[cut:])), want)
				}
			}
		})
	}
}

func binaryTwin(s string) []byte { return clientFrame(true, OpBinary, []byte(s)) }

// TestTextFailsAtTheFirstBadByte is case 6.4 of the suite: no byte after the invalid one is sent.
func TestTextFailsAtTheFirstBadByte(t *testing.T) {
	valid := "\u03ba\u1f79\u03c3\u03bc\u03b5" // 11 bytes
	complete := text(valid + "\xf4\x90\x80\x80edited")
	tests := map[string][][]byte{
		"6.4.1 fragments, the complete character": {start(valid), more("\xf4\x90\x80\x80")},
		"6.4.2 fragments, its second byte":        {start(valid + "\xf4"), more("\x90")},
		"6.4.3 one frame, the complete character": {complete[:6+11], complete[6+11 : 6+15]},
		"6.4.4 one frame, its second byte":        {complete[:6+12], complete[6+12 : 6+13]},
		"one frame, a byte no text has":           {text(valid + "\xff edited")[:6+12]},
		"a surrogate's second byte":               {text("\xed\xa0\x80")[:6+2]},
		"an over-long form's second byte":         {text("\xe0\x80\x80")[:6+2]},
		"a fragment that ends with a stray byte":  {start("\x80")},
		"long ASCII in front, in the same read":   {text(strings.Repeat("a", 500) + "\xc0\xaf edited")[:8+501]},
		"the end of a message within a character": {start("\xce"), last("")},
		"a ping in between changes nothing":       {start(valid + "\xf4"), ping("p"), more("\x90")},
		"one frame whose last character is short": {text("\xce")},
	}
	for name, reads := range tests {
		t.Run(name, func(t *testing.T) {
			got := decodeReads(t, &testLimits, reads...)
			if len(got) == 0 || got[len(got)-1] != fail1007 {
				t.Fatalf("got %q", got)
			}
			if early := decodeReads(t, &testLimits, reads[:len(reads)-1]...); slices.Contains(early, fail1007) {
				t.Fatalf("failed too early: %q", early)
			}
		})
	}
}

func TestCloseReasonFailsAtTheFirstBadByte(t *testing.T) {
	frame := clientFrame(true, OpClose, []byte("\x03\xe8bye \xc3\x28 edited"))
	expect(t, frame, fail1007)
	if got := decodeReads(t, &testLimits, frame[:6+8]); !slices.Equal(got, trace{fail1007}) {
		t.Errorf("at the bad byte: got %q", got)
	}
	expect(t, clientFrame(true, OpClose, []byte("\x03\xe8bye \xe2\x82")), fail1007)
	expect(t, clientFrame(true, OpClose, []byte("\xff\xffcode is not text")), said(OpClose, "\xff\xffcode is not text"))
	expect(t, clientFrame(true, OpClose, []byte{0xff}), said(OpClose, "\xff"))
}

// TestUTF8CheckAgreesWithTheStandardLibrary tries every sequence of four significant bytes, cut in two at every byte.
func TestUTF8CheckAgreesWithTheStandardLibrary(t *testing.T) {
	edges := []byte("\x00\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff")
	s := make([]byte, 4)
	for i := range len(edges) * len(edges) * len(edges) * len(edges) {
		for k := range s {
			s[k] = edges[i%len(edges)]
			i /= len(edges)
		}
		for cut := range len(s) {
			var u utf8Check
			alive := u.accept(s[:cut]) && u.accept(s[cut:])
			if alive != validPrefix(s) || (alive && u.complete()) != utf8.Valid(s) {
				t.Fatalf("% x cut at %d: alive %v, complete %v", s, cut, alive, u.complete())
			}
		}
	}
}

// validPrefix reports whether a valid text begins with b.
func validPrefix(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			return !utf8.FullRune(b)
		}
		b = b[size:]
	}
	return true
}
