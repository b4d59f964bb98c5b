package protocol

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"
)

func closePayload(code int, reason string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

func TestRFC6455Section74CloseCodes(t *testing.T) {
	good := map[int]bool{}
	for _, span := range [][2]int{{1000, 1003}, {1007, 1014}, {3000, 4999}} {
		for code := span[0]; code <= span[1]; code++ {
			good[code] = true
		}
	}
	for code := range 1 << 16 {
		got, reason, err := ParseClose(closePayload(code, "why"))
		switch {
		case good[code] && (err != nil || int(got) != code || string(reason) != "why"):
			t.Errorf("%d: got %d %q %v, want it accepted", code, got, reason, err)
		case !good[code] && (err == nil || err.Code != StatusProtocolError):
			t.Errorf("%d: got %v, want 1002", code, err)
		}
	}
}

func TestRFC6455Section551ClosePayload(t *testing.T) {
	longest := strings.Repeat("r", 123)
	tests := map[string]struct {
		payload []byte
		code    StatusCode
		reason  string
		fails   StatusCode
	}{
		"empty":              {nil, StatusNone, "", 0},
		"one byte":           {[]byte{3}, 0, "", StatusProtocolError},
		"no reason":          {closePayload(1000, ""), 1000, "", 0},
		"longest reason":     {closePayload(1000, longest), 1000, longest, 0},
		"reason in Greek":    {closePayload(1001, "κόσμε"), 1001, "κόσμε", 0},
		"reason not UTF-8":   {closePayload(1000, "\xce"), 0, "", StatusInvalidData},
		"bad code and UTF-8": {closePayload(1005, "\xce"), 0, "", StatusProtocolError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			code, reason, err := ParseClose(test.payload)
			if test.fails != 0 {
				if err == nil || err.Code != test.fails {
					t.Fatalf("got %v, want %d", err, test.fails)
				}
				return
			}
			if err != nil || code != test.code || string(reason) != test.reason {
				t.Fatalf("got %d %q %v", code, reason, err)
			}
		})
	}
}

func TestRFC6455Section551CloseReply(t *testing.T) {
	for _, code := range []StatusCode{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 3000, 3999, 4000, 4999} {
		if got := CloseReply(code); got != code {
			t.Errorf("%d is answered with %d", code, got)
		}
	}
	if got := CloseReply(StatusMandatoryExt); got != StatusNormalClosure {
		t.Errorf("1010, which is for clients, is answered with %d", got)
	}
	if got := AppendClose(nil, CloseReply(StatusNone), ""); !bytes.Equal(got, []byte{0x88, 0}) {
		t.Errorf("an empty close frame is answered with %x", got)
	}
}

func TestAppendClose(t *testing.T) {
	tests := map[string]struct {
		code   StatusCode
		reason string
		want   []byte
	}{
		"code and reason": {1001, "bye", []byte("\x88\x05\x03\xe9bye")},
		"code only":       {4000, "", []byte("\x88\x02\x0f\xa0")},
		"no code":         {0, "lost", []byte("\x88\x00")},
		"1005":            {1005, "lost", []byte("\x88\x00")},
		"1006":            {1006, "lost", []byte("\x88\x00")},
		"1015":            {1015, "lost", []byte("\x88\x00")},
		"123 bytes":       {1000, strings.Repeat("a", 123), []byte("\x88\x7d\x03\xe8" + strings.Repeat("a", 123))},
		"124 bytes":       {1000, strings.Repeat("a", 124), []byte("\x88\x7d\x03\xe8" + strings.Repeat("a", 123))},
		"cut in a rune":   {1000, strings.Repeat("a", 121) + "€", []byte("\x88\x7b\x03\xe8" + strings.Repeat("a", 121))},
		"cut after one":   {1000, strings.Repeat("a", 120) + "€uro", []byte("\x88\x7d\x03\xe8" + strings.Repeat("a", 120) + "€")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := AppendClose([]byte("front"), test.code, test.reason); string(got) != "front"+string(test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzClose(f *testing.F) {
	f.Add([]byte{}, uint16(1000), "bye")
	f.Add([]byte{3}, uint16(1005), "")
	f.Add([]byte("\x03\xe8bye"), uint16(4999), strings.Repeat("€", 60))
	f.Add([]byte("\x03\xe8\xe2\x82"), uint16(0), "\xff")
	f.Fuzz(func(t *testing.T, payload []byte, code uint16, reason string) {
		got, why, err := ParseClose(payload)
		if err == nil && (len(why) > 0 && !utf8.Valid(why) || got != StatusNone && !mayArrive(got)) {
			t.Fatalf("accepted %d %q", got, why)
		}
		if reply := CloseReply(got); err == nil && reply != StatusNone && !mayArrive(reply) {
			t.Fatalf("%d is answered with %d, which no peer may receive", got, reply)
		}
		frame := AppendClose(nil, StatusCode(code), reason)
		if len(frame) > 127 || int(frame[1]) != len(frame)-2 {
			t.Fatalf("wrote % x", frame)
		}
		sent, cut, err := ParseClose(frame[2:])
		if mayArrive(StatusCode(code)) && utf8.ValidString(reason) &&
			(err != nil || sent != StatusCode(code) || !strings.HasPrefix(reason, string(cut)) || len(reason)-len(cut) > max(0, len(reason)-120)) {
			t.Fatalf("%d %q came back as %d %q %v", code, reason, sent, cut, err)
		}
	})
}
