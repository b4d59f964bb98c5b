package main

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"unicode"
)

// Terminals send these around pasted text once they have been asked to.
const (
	bracketsOn  = "\x1b[?2004h"
	bracketsOff = "\x1b[?2004l"
	pasteBegins = "\x1b[200~"
	pasteEnds   = "\x1b[201~"

	// pasteMark stands for a pasted text among the keys. It is a private character that no key types.
	pasteMark = '\uf8f7'
)

// pasteReader replaces each pasted text among the keys by one mark, which insert replaces by the text. The library draws the whole line
// again after each key: 10,000 pasted characters were 10,000 lines of up to 10,000 characters.
type pasteReader struct {
	keys   io.ReadCloser
	buffer []byte
	ready  []byte // keys for the library
	rest   []byte // the beginning of a bracket, perhaps
	inside bool
	text   []byte // pasted so far

	mu     sync.Mutex
	pasted []string // complete texts, in order
}

func newPasteReader(keys io.ReadCloser) *pasteReader {
	return &pasteReader{keys: keys, buffer: make([]byte, 4096)}
}

// Close closes the keys.
func (p *pasteReader) Close() error { return p.keys.Close() }

// Read returns keys and marks.
func (p *pasteReader) Read(out []byte) (int, error) {
	for len(p.ready) == 0 {
		n, err := p.keys.Read(p.buffer)
		p.take(append(p.rest, p.buffer[:n]...))
		if err != nil {
			p.ready = append(p.ready, p.rest...) // no bracket
			p.rest = nil
			if len(p.ready) == 0 {
				return 0, err
			}
		}
	}
	n := copy(out, p.ready)
	p.ready = p.ready[n:]
	return n, nil
}

// take sorts input into keys and pasted texts.
func (p *pasteReader) take(input []byte) {
	p.rest = nil
	for len(input) > 0 {
		bracket := pasteBegins
		if p.inside {
			bracket = pasteEnds
		}
		before, after, found := bytes.Cut(input, []byte(bracket))
		if !found {
			keep := begun(input, bracket)
			p.add(input[:len(input)-keep])
			p.rest = bytes.Clone(input[len(input)-keep:])
			return
		}
		p.add(before)
		if p.inside {
			p.finish()
		}
		p.inside, input = !p.inside, after
	}
}

// begun returns how many bytes at the end of input may begin a bracket. A single escape waits for the next key, as the library lets it wait.
func begun(input []byte, bracket string) int {
	for n := min(len(bracket)-1, len(input)); n > 0; n-- {
		if bytes.HasSuffix(input, []byte(bracket[:n])) {
			return n
		}
	}
	return 0
}

func (p *pasteReader) add(text []byte) {
	if p.inside {
		p.text = append(p.text, text...)
	} else {
		p.ready = append(p.ready, text...)
	}
}

// finish makes a mark of the pasted text. Its line breaks become spaces, so that it is one line, which the user can read before it is
// sent.
func (p *pasteReader) finish() {
	text := strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ", "\t", " ").Replace(string(p.text))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == pasteMark {
			return -1
		}
		return r
	}, text)
	p.text = nil
	p.mu.Lock()
	p.pasted = append(p.pasted, text)
	p.mu.Unlock()
	p.ready = append(p.ready, string(pasteMark)...)
}

// insert is called after each key. It replaces a mark by its text.
func (p *pasteReader) insert(typed []rune, at int, key rune) ([]rune, int, bool) {
	if key != pasteMark || at < 1 || at > len(typed) || typed[at-1] != pasteMark {
		return nil, 0, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var text []rune
	if len(p.pasted) > 0 {
		text = []rune(p.pasted[0])
		p.pasted = p.pasted[1:]
	}
	whole := append(append(append([]rune(nil), typed[:at-1]...), text...), typed[at:]...)
	return whole, at - 1 + len(text), true
}
