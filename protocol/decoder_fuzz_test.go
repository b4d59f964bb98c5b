package protocol

import (
	"encoding/binary"
	"slices"
	"testing"
	"unicode/utf8"
)

// reference decodes a stream that is there as a whole, the slow and obvious way. What has arrived of an
// unfinished frame is judged too.
type reference struct {
	lim     Limits
	message OpCode
	body    []byte
	out     trace
}

func (r *reference) fail(code StatusCode) bool {
	r.out = append(r.out, failLine(code))
	return false
}

// frame reads one frame and returns the rest, and false if there is nothing more to read.
func (r *reference) frame(b []byte) (rest []byte, goOn bool) {
	if len(b) < 2 {
		return nil, false
	}
	fin, op, control := b[0]&0x80 != 0, OpCode(b[0]&0xf), b[0]&8 != 0
	inMessage := r.message != 0
	if b[0]&0x70 != 0 || op > 0xa || op > 2 && op < 8 || b[1]&0x80 == 0 ||
		control && (!fin || b[1]&0x7f > 125) || !control && inMessage != (op == OpContinuation) {
		return nil, r.fail(1002)
	}
	size, header := uint64(b[1]&0x7f), 2
	if size >= 126 {
		wide := map[uint64]int{126: 2, 127: 8}[size]
		if header += wide; len(b) < header {
			return nil, false
		}
		least := map[uint64]uint64{126: 126, 127: 1 << 16}[size]
		var eight [8]byte
		copy(eight[8-wide:], b[2:header])
		if size = binary.BigEndian.Uint64(eight[:]); size < least || size >= 1<<63 {
			return nil, r.fail(1002)
		}
	}
	if !control && (size > uint64(r.lim.Frame) || size+uint64(len(r.body)) > uint64(r.lim.Message)) {
		return nil, r.fail(1009)
	}
	if len(b) < header+4 {
		return nil, false
	}
	mask, b := b[header:header+4], b[header+4:]
	payload := slices.Clone(b[:min(size, uint64(len(b)))])
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	whole := uint64(len(payload)) == size
	if control {
		return b[len(payload):], r.control(op, payload, whole)
	}
	return b[len(payload):], r.data(op, payload, whole, fin)
}

func (r *reference) control(op OpCode, payload []byte, whole bool) bool {
	if op == OpClose && len(payload) > 2 && (!validPrefix(payload[2:]) || whole && !utf8.Valid(payload[2:])) {
		return r.fail(1007)
	}
	if whole {
		r.out = append(r.out, eventLine(op, payload))
	}
	return whole
}

func (r *reference) data(op OpCode, payload []byte, whole, fin bool) bool {
	if op != OpContinuation {
		r.message = op
	}
	r.body = append(r.body, payload...)
	done := whole && fin
	if r.message == OpText && (!validPrefix(r.body) || done && !utf8.Valid(r.body)) {
		return r.fail(1007)
	}
	if done {
		r.out = append(r.out, eventLine(r.message, r.body))
		r.message, r.body = 0, nil
	}
	return whole
}

func decodeReference(stream []byte, lim Limits) trace {
	r := reference{lim: lim}
	for goOn := true; goOn; {
		stream, goOn = r.frame(stream)
	}
	return r.out
}

func FuzzDecoder(f *testing.F) {
	for _, seed := range [][]byte{
		slices.Concat(unmaskedZero(true, OpText, "hello"), unmaskedZero(true, OpPing, "p"), unmaskedZero(true, OpClose, "\x03\xe8")),
		slices.Concat(unmaskedZero(false, OpText, "κό"), unmaskedZero(true, OpPong, ""), unmaskedZero(true, OpContinuation, "σμε")),
		slices.Concat(start("a"), ping("x"), more("\xf4\x8f"), last("\xbf\xbf"), text("ok")),
		unmaskedZero(true, OpBinary, string(make([]byte, 300))),
		unmaskedZero(true, OpText, "\xed\xa0\x80"),
		{0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8},
		{0x81, 0xfe, 0, 5}, {0xc1, 0x80}, {0x83, 0x80}, {0x81, 0x00}, {0x80, 0x80},
	} {
		f.Add(seed, uint16(3), uint16(200), uint16(400))
		f.Add(seed, uint16(9), uint16(4), uint16(6))
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut, frame, message uint16) {
		lim := Limits{Frame: int(frame), Message: int(message)}
		want := decodeReference(stream, lim)
		at := min(int(cut), len(stream))
		for name, reads := range map[string][][]byte{
			"in one read": {stream}, "byte by byte": singleBytes(stream), "cut in two": {stream[:at], stream[at:]},
			"in chops": slices.Collect(slices.Chunk(stream, at+1)),
		} {
			if got := decodeReads(t, &lim, reads...); !slices.Equal(got, want) {
				t.Fatalf("%s: got %q, want %q", name, got, want)
			}
		}
	})
}
