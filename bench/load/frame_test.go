package load

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// fromServer is an unmasked frame, as a server sends it.
func fromServer(head byte, payload string) []byte {
	switch n := len(payload); {
	case n < 126:
		return append([]byte{head, byte(n)}, payload...)
	case n < 1<<16:
		return append([]byte{head, 126, byte(n >> 8), byte(n)}, payload...)
	default:
		return append(binary.BigEndian.AppendUint64([]byte{head, 127}, uint64(n)), payload...)
	}
}

// readAll returns the messages that a reader finds in data that arrives in pieces of size bytes.
func readAll(t *testing.T, data []byte, size int) (all []string) {
	t.Helper()
	var r reader
	for len(data) > 0 {
		n := min(size, len(data))
		piece := r.open(bytes.Clone(data[:n]))
		data = data[n:]
		for {
			f, used, bad := parseFrame(piece)
			if bad != nil {
				t.Fatal(bad.kind)
			}
			if used == 0 {
				r.keep(piece)
				break
			}
			piece = piece[used:]
			op, payload, complete, bad := r.assemble(f)
			if bad != nil {
				t.Fatal(bad.kind)
			}
			if complete {
				all = append(all, string(rune('0'+op))+string(payload))
			}
		}
	}
	if r.rest != nil || r.message != nil {
		t.Errorf("an idle reader holds %d and %d bytes", len(r.rest), len(r.message))
	}
	return all
}

func TestSection5_4_FramesArriveInAnyPieces(t *testing.T) {
	long, longer := strings.Repeat("a", 300), strings.Repeat("b", 70000)
	data := bytes.Join([][]byte{
		fromServer(0x81, "one"), fromServer(0x81, long), fromServer(0x01, "be"), fromServer(0x89, "ping"),
		fromServer(0x00, "gin"), fromServer(0x80, "ning"), fromServer(0x82, longer), fromServer(0x81, ""), fromServer(0x88, "\x03\xe8bye"),
	}, nil)
	want := []string{"1one", "1" + long, "9ping", "1beginning", "2" + longer, "1", "8\x03\xe8bye"}
	for _, size := range []int{1, 2, 3, 7, 125, 4096, len(data)} {
		if size < 3 && testing.Short() {
			continue
		}
		got := readAll(t, data, max(size, 1))
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("in pieces of %d: %d messages", size, len(got))
		}
	}
}

func TestSection5_FaultyFramesAreReportedByKind(t *testing.T) {
	long := make([]byte, 126)
	for name, c := range map[string]struct {
		data []byte
		want *fault
	}{
		"a masked frame":               {[]byte{0x81, 0x81, 0, 0, 0, 0, 0}, maskedFrame},
		"before the mask has come":     {[]byte{0x81, 0x85}, maskedFrame},
		"the first reserved bit":       {[]byte{0xC1, 0}, reservedBits},
		"the second reserved bit":      {[]byte{0xA1, 0}, reservedBits},
		"the third reserved bit":       {[]byte{0x91, 0}, reservedBits},
		"of a close frame":             {[]byte{0xC8, 0}, reservedBits},
		"a fragmented ping":            {[]byte{0x09, 0}, fragmentedControl},
		"a fragmented close":           {[]byte{0x08, 0}, fragmentedControl},
		"a long ping":                  {append([]byte{0x89, 126, 0, 126}, long...), longControl},
		"a longer ping":                {[]byte{0x89, 127, 0, 0, 0, 0, 0, 0, 1, 0}, longControl},
		"125 bytes in 16 bits":         {[]byte{0x81, 126, 0, 125}, longLength},
		"126 bytes in 16 bits":         {append([]byte{0x81, 126, 0, 126}, long...), nil},
		"0 bytes in 64 bits":           {[]byte{0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0}, longLength},
		"65535 bytes in 64 bits":       {[]byte{0x81, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, longLength},
		"65536 bytes in 64 bits":       {[]byte{0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}, nil},
		"a length with its top bit":    {[]byte{0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}, negativeLength},
		"as long as a message may be":  {[]byte{0x81, 127, 0, 0, 0, 0, 0, 0x10, 0, 0}, nil},
		"longer than a message may be": {[]byte{0x81, 127, 0, 0, 0, 0, 0, 0x10, 0, 1}, tooLong},
	} {
		if _, _, bad := parseFrame(c.data); bad != c.want {
			t.Errorf("%s: %v, want %v", name, bad, c.want)
		}
	}
	for op := range byte(16) {
		reserved := op > opBinary && op < opClose || op > opPong
		if _, _, bad := parseFrame([]byte{0x80 | op, 0}); (bad == reservedOpcode) != reserved {
			t.Errorf("opcode %d: %v", op, bad)
		}
	}
}

func TestSection5_4_FaultyFragmentsAreReportedByKind(t *testing.T) {
	for name, c := range map[string]struct {
		frames []frame
		want   *fault
	}{
		"a continuation of nothing":    {[]frame{{final: true, op: opContinuation}}, strayContinuation},
		"after a complete message":     {[]frame{{final: true, op: opText}, {op: opContinuation}}, strayContinuation},
		"a message inside another":     {[]frame{{op: opText}, {final: true, op: opBinary}}, interruptedMessage},
		"a ping inside a message":      {[]frame{{op: opText}, {final: true, op: opPing}, {final: true, op: opContinuation}}, nil},
		"fragments of more than 1 MiB": {[]frame{{op: opText, payload: make([]byte, maxMessageBytes)}, {op: opContinuation, payload: []byte{1}}}, tooLong},
	} {
		var r reader
		var bad *fault
		for _, f := range c.frames {
			_, _, _, bad = r.assemble(f)
		}
		if bad != c.want {
			t.Errorf("%s: %v, want %v", name, bad, c.want)
		}
	}
}

func TestSection7_4_CloseFramesAreChecked(t *testing.T) {
	may := func(code int) bool {
		return code >= 1000 && code < 1015 && (code < 1004 || code > 1006) || code >= 3000 && code < 5000
	}
	for code := range 1 << 16 {
		got, _, bad := parseClose([]byte{byte(code >> 8), byte(code)})
		if may(code) && (bad != nil || int(got) != code) || !may(code) && bad != wrongCloseCode {
			t.Errorf("code %d: %d, %v", code, got, bad)
		}
	}
	for payload, want := range map[string]*fault{"": nil, "\x03": shortClose, "\x03\xe8bye": nil, "\x03\xe8b\xc3\xbc": nil, "\x03\xe8\xc3": invalidReason} {
		if _, _, bad := parseClose([]byte(payload)); bad != want {
			t.Errorf("%q: %v, want %v", payload, bad, want)
		}
	}
}

func TestSection5_3_FramesAreMaskedAndFinal(t *testing.T) {
	for _, size := range []int{0, 1, 7, 8, 9, 125, 126, 65535, 65536} {
		payload := bytes.Repeat([]byte("x"), size)
		encoded := appendFrame(nil, opText, 0x04030201, payload)
		if encoded[0] != 0x81 || encoded[1]&0x80 == 0 {
			t.Fatalf("%d bytes: head % x", size, encoded[:2])
		}
		masked := encoded[len(encoded)-size:]
		if mask := encoded[len(encoded)-size-4:][:4]; !bytes.Equal(mask, []byte{1, 2, 3, 4}) {
			t.Fatalf("%d bytes: mask % x", size, mask)
		}
		for i, c := range masked {
			if c != 'x'^byte(i%4+1) {
				t.Fatalf("%d bytes: byte %d is %x", size, i, c)
			}
		}
		encoded[1] &^= 0x80
		clear := append(encoded[:len(encoded)-size-4:len(encoded)-size-4], payload...)
		if f, used, bad := parseFrame(clear); bad != nil || used != len(clear) || len(f.payload) != size {
			t.Errorf("%d bytes: read as %d, %v", size, len(f.payload), bad)
		}
	}
}
