package protocol

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestRFC6455Section52EveryLengthForm(t *testing.T) {
	for _, op := range []OpCode{OpText, OpBinary} {
		for _, size := range []int{0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 63, 64, 65, 124, 125, 126, 127, 128, 255, 256} {
			payload := strings.Repeat("abcdefg", size)[:size]
			expect(t, clientFrame(true, op, []byte(payload)), said(op, payload))
		}
	}
}

func TestRFC6455Section52LargeLengths(t *testing.T) {
	for _, size := range []int{65534, 65535, 65536, 65537, 200_000} {
		payload := bytes.Repeat([]byte("momentum"), size/8+1)[:size]
		stream := append(clientFrame(true, OpBinary, payload), ping("x")...)
		want := trace{eventLine(OpBinary, payload), said(OpPing, "x")}
		for _, chop := range []int{len(stream), 1, 13, 14, 15, 997, 65536} {
			if got := decodeReads(t, &testLimits, slices.Collect(slices.Chunk(stream, chop))...); !slices.Equal(got, want) {
				t.Errorf("%d bytes in reads of %d: wrong events", size, chop)
			}
		}
	}
}

func TestRFC6455Section52LengthNotInShortestForm(t *testing.T) {
	for _, length := range [][]byte{
		{0xfe, 0, 0}, {0xfe, 0, 125},
		{0xff, 0, 0, 0, 0, 0, 0, 0, 0}, {0xff, 0, 0, 0, 0, 0, 0, 0, 125}, {0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
	} {
		frame := append(append([]byte{0x82}, length...), make([]byte, 4+125)...)
		expect(t, append(text("before"), frame...), said(OpText, "before"), fail1002)
	}
}

func TestRFC6455Section52TopBitOf64BitLength(t *testing.T) {
	unlimited := Limits{Frame: math.MaxInt, Message: math.MaxInt}
	expectWithin(t, &unlimited, []byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5}, fail1002)
	expectWithin(t, &unlimited, bytes.Repeat([]byte{0xff}, 20), fail1002)
}

func TestRFC6455Section52ReservedBitsAndOpcodes(t *testing.T) {
	for first := range 256 {
		op, rsv := OpCode(first&0xf), first>>4&7
		if rsv == 0 && !op.IsReserved() {
			continue
		}
		t.Run(fmt.Sprintf("first byte %#02x", first), func(t *testing.T) {
			bad := []byte{byte(first), 0x80, 1, 2, 3, 4}
			expect(t, bad, fail1002)
			expect(t, slices.Concat(text("good"), bad, ping("unheard")), said(OpText, "good"), fail1002)
		})
	}
}

// TestReasonOfAReservedBitDoesNotDenyTheExtension: gobwas/ws would say that no extension was negotiated, which is wrong
// when one was.
func TestReasonOfAReservedBitDoesNotDenyTheExtension(t *testing.T) {
	lim := testLimits
	lim.Deflate = true
	var d Decoder
	if _, _, _, err := d.Next([]byte{0xc9, 0x80}, &lim); err == nil || err.Error() != "a reserved bit is set that means nothing here" {
		t.Errorf("RSV1 on a ping with compression: %v", err)
	}
}

func TestRFC6455Section51UnmaskedFrame(t *testing.T) {
	for _, frame := range [][]byte{{0x81, 0}, {0x82, 5, 'h', 'e', 'l', 'l', 'o'}, {0x89, 0}, {0x88, 0}, {0x81, 126, 1, 0}} {
		expect(t, append(text("before"), frame...), said(OpText, "before"), fail1002)
		if got := decodeReads(t, &testLimits, frame[:2]); !slices.Equal(got, trace{fail1002}) {
			t.Errorf("after the two bytes %x: got %q; the mask bit is already known", frame[:2], got)
		}
	}
}

func TestLimitsAreCheckedWhenTheHeaderArrives(t *testing.T) {
	lim := Limits{Frame: 100, Message: 150}
	hundred, fifty := strings.Repeat("f", 100), strings.Repeat("m", 50)
	complete := clientFrame(true, OpText, make([]byte, 101))
	tests := map[string]struct {
		stream []byte
		want   trace
	}{
		"frame at the limit":       {text(hundred), trace{said(OpText, hundred)}},
		"frame over the limit":     {complete[:6], trace{fail1009}},
		"length known, mask not":   {complete[:2], trace{fail1009}},
		"16-bit length":            {[]byte{0x82, 0xfe, 0x10, 0x00}, trace{fail1009}},
		"64-bit length":            {[]byte{0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255}, trace{fail1009}},
		"sum at the limit":         {append(start(hundred), last(fifty)...), trace{said(OpText, hundred+fifty)}},
		"sum over the limit":       {append(start(hundred), last(fifty + "!")[:6]...), trace{fail1009}},
		"full, then an empty last": {slices.Concat(start(hundred), more(fifty), last("")), trace{said(OpText, hundred+fifty)}},
		"control frames are apart": {slices.Concat(start(hundred), ping(hundred), last(fifty)),
			trace{said(OpPing, hundred), said(OpText, hundred+fifty)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { expectWithin(t, &lim, test.stream, test.want...) })
	}
	expectWithin(t, &Limits{Frame: 10, Message: 10}, ping(hundred), said(OpPing, hundred))
}
