package protocol

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"
)

func TestDecoderIsOneWord(t *testing.T) {
	if size := unsafe.Sizeof(Decoder{}); size != 8 {
		t.Errorf("a decoder has %d bytes; every idle connection holds one", size)
	}
	if size := unsafe.Sizeof(partial{}); size > 320 {
		t.Errorf("the state of an incomplete message has %d bytes", size)
	}
}

// reference decodes a complete stream in the slow and obvious way. It also checks the bytes of an incomplete frame.
type reference struct {
	lim        Limits
	message    OpCode
	compressed bool
	body       []byte
	out        trace
}

// failCompressed stands for 1007 or 1009: a compressed message may break both rules, and which error is found first
// depends on how much is decompressed at once.
const failCompressed = "fail compressed"

func (r *reference) fail(code StatusCode) bool {
	r.out = append(r.out, failLine(code))
	return false
}

// frame reads one frame and returns the rest, or false if there is no more to read.
func (r *reference) frame(b []byte) (rest []byte, goOn bool) {
	if len(b) < 2 {
		return nil, false
	}
	fin, op, control := b[0]&0x80 != 0, OpCode(b[0]&0xf), b[0]&8 != 0
	inMessage := r.message != 0
	compressed := r.lim.Deflate && b[0]&0x70 == rsv1 && (op == OpText || op == OpBinary)
	if b[0]&0x70 != 0 && !compressed || op > 0xa || op > 2 && op < 8 || b[1]&0x80 == 0 ||
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
	frame, message := r.lim.Frame, r.lim.Message
	if compressed || r.compressed {
		frame, message = compressedLimit(frame), compressedLimit(message)
	}
	if !control && (size > uint64(frame) || size+uint64(len(r.body)) > uint64(message)) {
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
	complete := uint64(len(payload)) == size
	if control {
		return b[len(payload):], r.control(op, payload, complete)
	}
	if op != OpContinuation {
		r.message, r.compressed = op, compressed
	}
	return b[len(payload):], r.data(payload, complete, fin)
}

func (r *reference) control(op OpCode, payload []byte, complete bool) bool {
	if op == OpClose && len(payload) > 2 && (!validPrefix(payload[2:]) || complete && !utf8.Valid(payload[2:])) {
		return r.fail(1007)
	}
	if complete {
		r.out = append(r.out, eventLine(op, payload))
	}
	return complete
}

func (r *reference) data(payload []byte, complete, fin bool) bool {
	r.body = append(r.body, payload...)
	done := complete && fin
	if !r.compressed && r.message == OpText && (!validPrefix(r.body) || done && !utf8.Valid(r.body)) {
		return r.fail(1007)
	}
	if done && r.compressed {
		out, err := inflateReference(r.body, r.lim.Message)
		if err != nil || len(out) > r.lim.Message || r.message == OpText && !utf8.Valid(out) {
			r.out = append(r.out, failCompressed)
			return false
		}
		r.body = out
	}
	if done {
		r.out = append(r.out, eventLine(r.message, r.body))
		r.message, r.compressed, r.body = 0, false, nil
	}
	return complete
}

func decodeReference(stream []byte, lim Limits) trace {
	r := reference{lim: lim}
	for goOn := true; goOn; {
		stream, goOn = r.frame(stream)
	}
	return r.out
}

// unmaskedCompressed is a frame with RSV1, masked with zeros.
func unmaskedCompressed(fin bool, op OpCode, payload []byte) []byte {
	f := unmaskedZero(fin, op, string(payload))
	f[0] |= rsv1
	return f
}

func FuzzDecoder(f *testing.F) {
	for _, seed := range [][]byte{
		slices.Concat(unmaskedZero(true, OpText, "hello"), unmaskedZero(true, OpPing, "p"), unmaskedZero(true, OpClose, "\x03\xe8")),
		slices.Concat(unmaskedZero(false, OpText, "κό"), unmaskedZero(true, OpPong, ""), unmaskedZero(true, OpContinuation, "σμε")),
		slices.Concat(start("a"), ping("x"), more("\xf4\x8f"), last("\xbf\xbf"), text("ok")),
		unmaskedZero(true, OpBinary, string(make([]byte, 300))),
		unmaskedZero(true, OpText, "\xed\xa0\x80"),
		{0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8},
		slices.Concat(unmaskedCompressed(true, OpText, deflated(f, "hello hello")), ping("x"), unmaskedCompressed(true, OpBinary, final(f, "end"))),
		slices.Concat(unmaskedCompressed(false, OpText, deflated(f, "κόσμε")[:4]), unmaskedZero(true, OpPing, "p"),
			unmaskedZero(true, OpContinuation, string(deflated(f, "κόσμε")[4:])), text("plain")),
		unmaskedCompressed(true, OpText, deflated(f, "\xe2\x82")), unmaskedCompressed(true, OpBinary, deflated(f, strings.Repeat("bomb", 500))),
		unmaskedCompressed(true, OpContinuation, nil), unmaskedCompressed(true, OpPing, nil),
		{0x81, 0xfe, 0, 5}, {0xc1, 0x80}, {0x83, 0x80}, {0x81, 0x00}, {0x80, 0x80},
	} {
		f.Add(seed, uint16(3), uint16(200), uint16(400))
		f.Add(seed, uint16(9), uint16(4), uint16(6))
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut, frame, message uint16) {
		for _, deflate := range []bool{false, true} {
			fuzzDecoder(t, stream, int(cut), Limits{Frame: int(frame), Message: int(message), Deflate: deflate})
		}
	})
}

func fuzzDecoder(t *testing.T, stream []byte, cut int, lim Limits) {
	want := decodeReference(stream, lim)
	at := min(cut, len(stream))
	for name, reads := range map[string][][]byte{
		"in one read": {stream}, "byte by byte": singleBytes(stream), "cut in two": {stream[:at], stream[at:]},
		"in chops": slices.Collect(slices.Chunk(stream, at+1)),
	} {
		got := decodeReads(t, &lim, reads...)
		if n := len(got); n > 0 && n == len(want) && want[n-1] == failCompressed && (got[n-1] == fail1007 || got[n-1] == fail1009) {
			got[n-1] = failCompressed
		}
		if !slices.Equal(got, want) {
			t.Fatalf("deflate %v, %s: got %q, want %q", lim.Deflate, name, got, want)
		}
	}
}
