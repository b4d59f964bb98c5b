package protocol

import (
	"runtime"
	"strings"
	"testing"
)

// TestHotPathsDoNotAllocate covers the work for every message and every accepted handshake.
func TestHotPathsDoNotAllocate(t *testing.T) {
	var d Decoder
	frame := clientFrameMasked(true, OpText, make([]byte, 512), asciiMask)
	pings := append(clientFrameMasked(true, OpPing, nil, asciiMask), clientFrameMasked(true, OpClose, []byte{3, 232}, [4]byte{})...)
	message := envelopeOfSize(512)
	escaped := []byte(`{"message_\u0074ype":"te\u0078t","i\u0064":"a\u0062","to_user_id":"\u0030b0c6a2e-51a4-4c0b-9c3f-0f2a5d3c1e11"}`)
	var p EnvelopeParser
	var e Envelope
	var h Handshake
	head := []byte(request)
	dst := make([]byte, 0, 4096)
	out := Outgoing{ID: []byte(`"1"`), Type: Text, Data: []byte(`{"content":"hi"}`), Timestamp: []byte(`"now"`), HasFrom: true, HasTo: true}
	tests := map[string]func(){
		"decode a complete frame": func() { mustDecode(t, &d, frame) },
		"decode control":          func() { mustDecode(t, &d, pings) },
		"ParseClose":              func() { _, _, _ = ParseClose([]byte("\x03\xe8bye")) },
		"Parse a message":         func() { mustParse(t, &p, message, &e) },
		"Parse with escapes":      func() { mustParse(t, &p, escaped, &e) },
		"AppendFrame":             func() { dst = AppendFrame(dst[:0], OpText, message) },
		"AppendClose":             func() { dst = AppendClose(dst[:0], 1001, "bye") },
		"AppendMessage":           func() { dst = AppendMessage(dst[:0], &out) },
		"AppendString":            func() { dst = AppendString(dst[:0], "quo\"te\n\xff") },
		"AppendUUID":              func() { dst = AppendUUID(dst[:0], out.From) },
		"AppendRefusal": func() {
			dst = AppendRefusal(dst[:0], &Refusal{Status: 503, Code: "full", Message: "come back later"}, 3)
		},
		"HeadEnd": func() { HeadEnd(head, 0) },
		"Parse a handshake": func() {
			if r := h.Parse(head); r != nil {
				t.Fatal(r)
			}
		},
		"AppendAccept": func() { dst = h.AppendAccept(dst[:0], 0) },
	}
	for name, run := range tests {
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func mustDecode(t *testing.T, d *Decoder, in []byte) {
	for len(in) > 0 {
		_, n, ok, err := d.Next(in, &testLimits)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		in = in[n:]
	}
}

func mustParse(t *testing.T, p *EnvelopeParser, b []byte, e *Envelope) {
	if err := p.Parse(b, e); err != nil {
		t.Fatal(err)
	}
}

func TestRefusedMessagesCostTheSameAtAnySize(t *testing.T) {
	var p EnvelopeParser
	var e Envelope
	for name, message := range map[string]func(filler string) string{
		"bad literal":      func(s string) string { return `{"data":tru` + s },
		"bad number":       func(s string) string { return `{"data":[1.` + s },
		"bad escape":       func(s string) string { return `{"data":"` + s + `\x"}` },
		"long unknown key": func(s string) string { return `{"` + s + `\n":1}` },
		"long type":        func(s string) string { return `{"message_type":"` + s + `\n"}` },
		"long id":          func(s string) string { return `{"id":"` + s + `\n"}` },
		"long user id":     func(s string) string { return `{"message_type":"text","to_user_id":"` + s + `\n"}` },
	} {
		small, large := []byte(message("x")), []byte(message(strings.Repeat("x", 100_000)))
		cost := func(b []byte) uint64 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 20 {
				if p.Parse(b, &e) == nil {
					t.Fatal("accepted")
				}
			}
			runtime.ReadMemStats(&after)
			return (after.TotalAlloc - before.TotalAlloc) / 20
		}
		if s, l := cost(small), cost(large); l > s+1024 {
			t.Errorf("%s: %d bytes allocated for a small message, %d for a large one", name, s, l)
		}
	}
}
