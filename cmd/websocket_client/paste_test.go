package main

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestAPastedTextIsOneMark(t *testing.T) {
	for _, tt := range []struct {
		name, keys, want string
		pasted           []string
	}{
		{"no paste", "text hi\r\x1b[A\x1b", "text hi\r\x1b[A\x1b", nil},
		{"one", "text \x1b[200~a\r\nb\tc\x07\x1b[201~!\r", "text \uf8f7!\r", []string{"a b c"}},
		{"two", "\x1b[200~a\x1b[201~\x1b[200~\x1b[201~", "\uf8f7\uf8f7", []string{"a", ""}},
		{"a mark in the text", "\x1b[200~a\uf8f7b\x1b[201~", "\uf8f7", []string{"ab"}},
		{"an arrow in the text", "\x1b[200~\x1b[A\x1b[201~", "\uf8f7", []string{"[A"}},
	} {
		for way, reader := range map[string]io.Reader{"whole": strings.NewReader(tt.keys), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.keys))} {
			p := newPasteReader(io.NopCloser(reader))
			got, err := io.ReadAll(p)
			if string(got) != tt.want || strings.Join(p.pasted, "|") != strings.Join(tt.pasted, "|") || err != nil {
				t.Errorf("%s, %s: %q, %q, %v", tt.name, way, got, p.pasted, err)
			}
		}
	}
}

func TestAMarkIsReplacedByItsText(t *testing.T) {
	p := &pasteReader{pasted: []string{"big", "small"}}
	typed := []rune("a \uf8f7 world")
	line, at, ok := p.insert(typed, 3, pasteMark)
	if string(line) != "a big world" || at != 5 || !ok {
		t.Error(string(line), at, ok)
	}
	if _, _, ok := p.insert([]rune("ab"), 2, 'b'); ok {
		t.Error("a key is replaced")
	}
	if line, _, _ := p.insert([]rune{pasteMark}, 1, pasteMark); string(line) != "small" {
		t.Error(string(line))
	}
	if line, _, _ := p.insert([]rune{pasteMark}, 1, pasteMark); string(line) != "" {
		t.Error("without a text:", string(line))
	}
}

// The library drew the whole line again after each of the 10,000 letters: 150 MB.
func TestAPasteIsDrawnOnce(t *testing.T) {
	s := serve(t, silence)
	person, wait := atTerminal(t, s)
	shown := &screen{person: person}
	shown.await(t, bracketsOn)
	shown.await(t, "guest@"+prompt)
	go func() {
		_, _ = io.WriteString(person, "text "+pasteBegins+strings.Repeat("x", 9_998)+"\ny"+pasteEnds+"\r")
		_, _ = io.WriteString(person, "quit\r")
	}()
	written, buffer := 0, make([]byte, 64<<10)
	for {
		n, err := person.Read(buffer)
		written += n
		if err != nil {
			break // the client has ended
		}
	}
	if err := wait(); err != nil {
		t.Error(err)
	}
	if sent := s.sent(); len(sent) != 1 || !strings.Contains(sent[0], strings.Repeat("x", 9_998)+" y") {
		t.Errorf("sent %.200q", sent)
	}
	t.Logf("%d bytes were written for 10,000 pasted letters", written)
	if written > 200_000 {
		t.Error("too many")
	}
}
