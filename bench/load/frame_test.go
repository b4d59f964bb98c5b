package load

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// fromServer is a frame as a server sends it: not masked.
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

// heard is what a reader makes of data that arrives in pieces of size bytes.
func heard(t *testing.T, data []byte, size int) (all []string) {
	t.Helper()
	var r reader
	for len(data) > 0 {
		n := min(size, len(data))
		piece := r.open(bytes.Clone(data[:n]))
		data = data[n:]
		for {
			f, used, err := parseFrame(piece)
			if err != nil {
				t.Fatal(err)
			}
			if used == 0 {
				r.keep(piece)
				break
			}
			piece = piece[used:]
			op, payload, whole, err := r.assemble(f)
			if err != nil {
				t.Fatal(err)
			}
			if whole {
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
		got := heard(t, data, max(size, 1))
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("in pieces of %d: %d messages", size, len(got))
		}
	}
}

func TestSection5_FaultyFramesAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"masked":               {0x81, 0x81, 0, 0, 0, 0, 0},
		"reserved bit":         {0xC1, 0x00},
		"fragmented ping":      {0x09, 0x00},
		"long ping":            append([]byte{0x89, 126, 0, 126}, make([]byte, 126)...),
		"above our bound":      {0x81, 127, 0, 0, 0, 0, 0x10, 0, 0, 0},
		"length of 64 bits":    {0x81, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
		"not quite a close":    {0x08, 0x00},
		"a control frame at 9": {0x89, 127, 0, 0, 0, 0, 0, 0, 1, 0},
	} {
		if _, _, err := parseFrame(data); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for name, frames := range map[string][]frame{
		"a fragment of nothing":   {{final: true, op: opContinuation}},
		"a message amid another":  {{op: opText}, {final: true, op: opText}},
		"fragments without bound": {{op: opText, payload: make([]byte, maxMessageBytes)}, {op: opContinuation, payload: []byte{1}}},
	} {
		var r reader
		var err error
		for _, f := range frames {
			_, _, _, err = r.assemble(f)
		}
		if err == nil {
			t.Errorf("%s: taken", name)
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
		if f, used, err := parseFrame(clear); err != nil || used != len(clear) || len(f.payload) != size {
			t.Errorf("%d bytes: read as %d, %v", size, len(f.payload), err)
		}
	}
}
