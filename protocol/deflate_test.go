package protocol

import (
	"bytes"
	stdflate "compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var deflateLimits = Limits{Frame: 1 << 20, Message: 1 << 20, Deflate: true}

// packed compresses as a client would, by the standard library's compressor: another than ours.
func packed(t testing.TB, payload string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := stdflate.NewWriter(&out, stdflate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, payload); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte(flushMark))
}

// final compresses to blocks of which the last has BFINAL, as a sender does that ends its stream (§7.2.3.4).
func final(t testing.TB, payload string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := stdflate.NewWriter(&out, stdflate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, payload); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// compressedFrame is a client's first frame of a compressed message.
func compressedFrame(fin bool, op OpCode, payload []byte) []byte {
	f := clientFrame(fin, op, payload)
	f[0] |= rsv1
	return f
}

func TestRFC7692Section71Negotiation(t *testing.T) {
	const both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, c := range []struct{ offers, want string }{
		{"permessage-deflate", both},
		{"permessage-deflate; client_max_window_bits", both},
		{"permessage-deflate; client_no_context_takeover; client_max_window_bits", both},
		{"permessage-deflate; client_no_context_takeover; client_max_window_bits; server_max_window_bits=9", both + "; server_max_window_bits=9"},
		{"permessage-deflate; server_max_window_bits=15; server_no_context_takeover", both + "; server_max_window_bits=15"},
		{"permessage-deflate; server_max_window_bits=8", both + "; server_max_window_bits=8"},
		{`permessage-deflate; server_max_window_bits="10"`, both + "; server_max_window_bits=10"},
		{"Permessage-Deflate;Client_Max_Window_Bits = 12", both},
		{"x-webkit-deflate-frame, permessage-deflate", both},
		{`foo; a="x, permessage-deflate"; b, permessage-deflate; server_max_window_bits=11`, both + "; server_max_window_bits=11"},
		// Declined, and the next looked at.
		{"permessage-deflate; server_max_window_bits=7, permessage-deflate", both},
		{"permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits=12", both + "; server_max_window_bits=12"},
		{"permessage-deflate; server_max_window_bits", ""},
		{"permessage-deflate; server_max_window_bits=09", ""},
		{"permessage-deflate; server_max_window_bits=", ""},
		{"permessage-deflate; client_max_window_bits=", ""},
		{"permessage-deflate; client_max_window_bits=16", ""},
		{"permessage-deflate; server_no_context_takeover=1", ""},
		{"permessage-deflate; client_no_context_takeover=", ""},
		{"permessage-deflate; server_no_context_takeover; server_no_context_takeover", ""},
		{"permessage-deflate; client_max_window_bits; client_max_window_bits=9", ""},
		{"permessage-deflate; unknown", ""},
		{"permessage-deflate;", ""},
		{"permessage-deflate-2", ""},
		{"deflate", ""},
		{"", ""},
	} {
		h := Handshake{Extensions: [][]byte{[]byte(c.offers)}}
		got := strings.TrimPrefix(string(h.NegotiateDeflate().appendAnswer(nil)), "\r\nSec-WebSocket-Extensions: ")
		if got != c.want {
			t.Errorf("%q is answered with %q, want %q", c.offers, got, c.want)
		}
	}
	h := Handshake{Extensions: [][]byte{[]byte("permessage-deflate; x"), []byte("permessage-deflate")}}
	if !h.NegotiateDeflate().Agreed() {
		t.Error("an offer in a second header is not looked at")
	}
}

// TestRFC7692Section6Messages decodes compressed messages whole and at every cut.
func TestRFC7692Section6Messages(t *testing.T) {
	long := strings.Repeat("all work and no play ", 300)
	p := packed(t, long)
	hello := []byte{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00} // §7.2.3.1
	for name, c := range map[string]struct {
		stream []byte
		want   []string
	}{
		"§7.2.3.1 one block":               {compressedFrame(true, OpText, hello), []string{said(OpText, "Hello")}},
		"§7.2.3.1 in two frames":           {append(compressedFrame(false, OpText, hello[:3]), clientFrame(true, OpContinuation, hello[3:])...), []string{said(OpText, "Hello")}},
		"§7.2.3.3 a stored block":          {compressedFrame(true, OpText, []byte("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00")), []string{said(OpText, "Hello")}},
		"§7.2.3.4 BFINAL":                  {compressedFrame(true, OpText, []byte{0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}), []string{said(OpText, "Hello")}},
		"§7.2.1 a BFINAL block, and more":  {compressedFrame(true, OpText, append(final(t, "Hel"), packed(t, "lo")...)), []string{said(OpText, "Hello")}},
		"§7.2.1 two BFINAL blocks":         {compressedFrame(true, OpText, append(final(t, "Hel"), final(t, "lo")...)), []string{said(OpText, "Hello")}},
		"§7.2.1 a character cut by BFINAL": {compressedFrame(true, OpText, append(final(t, "\xe2\x82"), packed(t, "\xac")...)), []string{said(OpText, "€")}},
		"garbage behind BFINAL":            {compressedFrame(true, OpBinary, append(final(t, "Hello"), 0xff, 0xff, 0xff)), []string{failLine(1007)}},
		"bad UTF-8 behind BFINAL":          {compressedFrame(true, OpText, append(final(t, "ok"), packed(t, "\xff")...)), []string{failLine(1007)}},
		"too much behind BFINAL":           {compressedFrame(true, OpBinary, append(final(t, "x"), packed(t, strings.Repeat("y", deflateLimits.Message))...)), []string{failLine(1009)}},
		"§7.2.3.5 two blocks":              {compressedFrame(true, OpText, []byte{0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00}), []string{said(OpText, "Hello")}},
		"§7.2.3.6 empty":                   {compressedFrame(true, OpText, []byte{0}), []string{said(OpText, "")}},
		"§7.2.3.6 an empty one has a byte": {compressedFrame(true, OpBinary, nil), []string{failLine(1007)}},
		"not compressed":                   {text("plain"), []string{said(OpText, "plain")}},
		"one of each":                      {append(compressedFrame(true, OpText, hello), text("plain")...), []string{said(OpText, "Hello"), said(OpText, "plain")}},
		"long":                             {compressedFrame(true, OpBinary, p), []string{said(OpBinary, long)}},
		"a ping between fragments":         {append(append(compressedFrame(false, OpText, hello[:2]), ping("?")...), clientFrame(true, OpContinuation, hello[2:])...), []string{said(OpPing, "?"), said(OpText, "Hello")}},
		"RSV1 on a continuation":           {append(compressedFrame(false, OpText, hello[:3]), compressedFrame(true, OpContinuation, hello[3:])...), []string{failLine(1002)}},
		"RSV1 on a ping":                   {compressedFrame(true, OpPing, nil), []string{failLine(1002)}},
		"RSV2":                             {unmaskedRSV(0x20), []string{failLine(1002)}},
		"RSV1 and RSV2":                    {unmaskedRSV(0x60), []string{failLine(1002)}},
		"bad block type":                   {compressedFrame(true, OpText, []byte{0x06, 0x00}), []string{failLine(1007)}},
		"a distance before the start":      {compressedFrame(true, OpText, []byte{0x4a, 0x04, 0x12, 0x00}), []string{failLine(1007)}},
		"bad UTF-8 inside":                 {compressedFrame(true, OpText, packed(t, "ok \xff")), []string{failLine(1007)}},
		"cut UTF-8 at the end":             {compressedFrame(true, OpText, packed(t, "ok \xe2\x82")), []string{failLine(1007)}},
		"binary needs no UTF-8":            {compressedFrame(true, OpBinary, packed(t, "ok \xff")), []string{said(OpBinary, "ok \xff")}},
	} {
		t.Run(name, func(t *testing.T) { expectWithin(t, &deflateLimits, c.stream, c.want...) })
	}
}

func unmaskedRSV(bits byte) []byte {
	f := text("x")
	f[0] |= bits
	return f
}

// TestDeflateBomb inflates to a gigabyte from a megabyte: it must fail with 1009, having taken no more memory
// than a message of the limit's size.
func TestDeflateBomb(t *testing.T) {
	bomb := bytes.Repeat(packed(t, strings.Repeat("\x00", 1<<20)), 1000)
	lim := Limits{Frame: 16 << 20, Message: 64 << 10, Deflate: true}
	if len(bomb) > lim.Frame {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	lim.Message = len(bomb) // a compressed message of the bomb's size is allowed
	took := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, offence := inflate(bomb, OpBinary, 64<<10); offence == nil || offence.Code != StatusMessageTooBig {
				b.Fatalf("the bomb gave %v", offence)
			}
		}
	})
	if bytes := took.AllocedBytesPerOp(); bytes > 256<<10 {
		t.Errorf("refusing the bomb takes %d bytes of memory", bytes)
	}
}

// TestLimitOfCompressedMessages sends noise of the message limit's size, which compression makes longer, and what is
// longer than any compression makes it.
func TestLimitOfCompressedMessages(t *testing.T) {
	lim := Limits{Frame: 3000, Message: 3000, Deflate: true}
	noise, high := make([]byte, lim.Message+1), make([]byte, lim.Message)
	random := rand.New(rand.NewPCG(1, 3))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for i := range high {
		high[i] = 144 + noise[i]%112 // where the fixed codes have nine bits
	}
	full := noise[:lim.Message]
	stored, over, nine, most := packed(t, string(full)), packed(t, string(noise)), fixedCodes(high), packedBytes(lim.Message)
	if len(stored) <= lim.Message || len(nine) < lim.Message*9/8 || len(over) > most {
		t.Fatalf("%d bytes became %d and %d; one more became %d", len(full), len(stored), len(nine), len(over))
	}
	want, wantHigh := said(OpBinary, string(full)), said(OpBinary, string(high))
	expectWithin(t, &lim, compressedFrame(true, OpBinary, stored), want)
	expectWithin(t, &lim, compressedFrame(true, OpBinary, nine), wantHigh)
	expectWithin(t, &lim, append(compressedFrame(false, OpBinary, nine[:100]), clientFrame(true, OpContinuation, nine[100:])...), wantHigh)
	tooLong := append(compressedFrame(false, OpBinary, nine[:100]), clientFrame(true, OpContinuation, make([]byte, most-99))...)
	expectWithin(t, &lim, tooLong[:len(tooLong)-(most-99)], fail1009)
	expectWithin(t, &lim, compressedFrame(true, OpBinary, make([]byte, most+1))[:4], fail1009)
	expectWithin(t, &lim, compressedFrame(true, OpBinary, over), fail1009) // once it is inflated
	both := slices.Concat(compressedFrame(false, OpBinary, stored[:1]), clientFrame(true, OpContinuation, stored[1:]), clientFrame(false, OpBinary, full))
	expectWithin(t, &lim, append(both, last("x")[:2]...), want, fail1009) // the next one is not compressed
}

// fixedCodes writes bytes of 144 and more with the fixed codes (RFC 1951 §3.2.6), as a compressor in a hurry does.
func fixedCodes(payload []byte) (out []byte) {
	at := 0
	put := func(bit int) {
		if at%8 == 0 {
			out = append(out, 0)
		}
		out[at/8] |= byte(bit << (at % 8))
		at++
	}
	code := func(c, bits int) {
		for i := bits - 1; i >= 0; i-- {
			put(c >> i & 1)
		}
	}
	code(0b010, 3) // not the last block, fixed codes
	for _, c := range payload {
		code(0b110010000+int(c)-144, 9)
	}
	code(0, 7) // the block's end
	code(0, 3) // a stored block, of which the flush mark is left out
	return out
}

// TestRFC7692WindowIsKept compresses with every window and follows the distances in what comes out.
func TestRFC7692WindowIsKept(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var text []byte
	for range 20000 { // repeats at every distance
		if n := len(text); n > 100 && random.IntN(4) > 0 {
			from := random.IntN(n - 50)
			text = append(text, text[from:from+4+random.IntN(40)]...)
		} else {
			text = append(text, byte(random.IntN(256)))
		}
	}
	for bits := uint8(fewestWindowBits); bits <= mostWindowBits; bits++ {
		for _, size := range []int{16, 300, 1000, 5000, 40000, len(text)} {
			frame := AppendCompressed(nil, OpBinary, text[:size], Deflate{windowBits: bits})
			if frame[0]&rsv1 == 0 {
				continue // it would not have been smaller
			}
			payload := frame[payloadStart(frame):]
			out, furthest := follow(t, append(bytes.Clone(payload), inflateTail...))
			if !bytes.Equal(out, text[:size]) {
				t.Fatalf("%d bits, %d bytes: inflates to something else", bits, size)
			}
			if furthest > 1<<bits {
				t.Errorf("%d bits, %d bytes: a distance of %d, the window has %d", bits, size, furthest, 1<<bits)
			}
		}
	}
}

func payloadStart(frame []byte) int {
	switch frame[1] {
	case 126:
		return 4
	case 127:
		return 10
	}
	return 2
}

func TestSmallOrNoisyMessagesStayAsTheyAre(t *testing.T) {
	noise := make([]byte, 1000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for _, payload := range [][]byte{nil, []byte("a"), noise} {
		if frame := AppendCompressed(nil, OpBinary, payload, FullDeflate); !bytes.Equal(frame, AppendFrame(nil, OpBinary, payload)) {
			t.Errorf("%d bytes became a frame of %d", len(payload), len(frame))
		}
	}
}

// The compressors are pooled, and so is what they write to. The race detector makes sync.Pool forget one in
// four on purpose, and a new compressor takes some twenty allocations, a new reader some eight.
func TestCompressionIsPooled(t *testing.T) {
	payload := []byte(strings.Repeat(`{"message_type":"text","data":"a lively chat"}`, 40))
	var dst []byte
	compress := func() { dst = AppendCompressed(dst[:0], OpText, payload, FullDeflate) }
	compress()
	if n := testing.AllocsPerRun(100, compress); n > 8 {
		t.Errorf("%v allocations to compress a message", n)
	}
	lim := deflateLimits
	stream := compressedFrame(true, OpText, packed(t, string(payload)))
	var d Decoder
	read := make([]byte, len(stream))
	decode := func() {
		copy(read, stream)
		ev, n, ok, err := d.Next(read, &lim)
		if !ok || err != nil || !ev.Packed {
			t.Fatal(ok, err, ev.Packed)
		}
		if ev, err = d.Inflate(ev, &lim); err != nil || len(ev.Payload) != len(payload) {
			t.Fatal(err, len(ev.Payload))
		}
		if _, _, ok, _ := d.Next(read[n:], &lim); ok || d.part != nil {
			t.Fatal("a decoder between messages holds something")
		}
	}
	decode()
	if n := testing.AllocsPerRun(100, decode); n > 4 {
		t.Errorf("%v allocations to inflate a message", n)
	}
}

// TestManyFinalBlocks begins again as often as a payload can make it: that takes no memory for each time.
func TestManyFinalBlocks(t *testing.T) {
	payload := bytes.Repeat([]byte{3, 0}, 32<<10) // an empty last block in two bytes
	allocations := testing.AllocsPerRun(5, func() {
		out, offence := inflate(payload, OpText, 1<<10)
		if offence != nil || len(out.bytes) != 0 {
			t.Fatal(offence)
		}
		out.release()
	})
	if allocations > 20 {
		t.Errorf("%v allocations", allocations)
	}
}

// inflateReference inflates with the standard library's reader, one stream behind the other until the payload is
// used up, and stops beyond most.
func inflateReference(payload []byte, most int) ([]byte, error) {
	source := bytes.NewReader(append(bytes.Clone(payload), inflateTail...))
	var out []byte
	for {
		stream, err := io.ReadAll(io.LimitReader(stdflate.NewReader(source), int64(most+1-len(out))))
		out = append(out, stream...)
		if err != nil || len(out) > most || source.Len() <= len(inflateTail) {
			return out, err
		}
	}
}

// FuzzInflate compares with the standard library's reader: what it inflates we must inflate to the same, and
// what it refuses we must refuse.
func FuzzInflate(f *testing.F) {
	f.Add(packed(f, "hello hello hello"))
	f.Add([]byte{0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00})
	f.Add(append(final(f, "one "), final(f, "two ")...))
	f.Add(append(final(f, "one "), packed(f, "two ")...))
	f.Add(append(final(f, "one "), 0xff, 0xff, 0xff))
	f.Add([]byte{0})
	f.Add([]byte{})
	f.Add([]byte{0x06})
	const most = 1 << 16
	f.Fuzz(func(t *testing.T, payload []byte) {
		want, err := inflateReference(payload, most)
		got, offence := inflate(payload, OpBinary, most)
		switch {
		case len(want) > most:
			if offence == nil {
				t.Fatalf("let %d bytes through", len(got.bytes))
			}
		case (err == nil) != (offence == nil):
			t.Fatalf("the standard library says %v, we say %v", err, offence)
		case err == nil && !bytes.Equal(got.bytes, want):
			t.Fatalf("inflated to %q, want %q", got.bytes, want)
		}
		if offence == nil {
			got.release()
		}
	})
}

// emptyBlocks are eight blocks that announce codes of their own and then end: of all deflate data the slowest, a byte.
const emptyBlocks = "\x04\xc0\x81\x00\x00\x00\x00\x00\x90\xffk\x10\x00\x07\x02\x00\x00\x00\x00@\xfe\xafA\x00\x1c\x08\x00\x00\x00\x00" +
	"\x00\xf9\xbf\x06\x01p \x00\x00\x00\x00\x00\xe4\xff\x1a\x04\xc0\x81\x00\x00\x00\x00\x00\x90\xffk\x10\x00\x07\x02\x00\x00\x00\x00@" +
	"\xfe\xafA\x00\x1c\x08\x00\x00\x00\x00\x00\xf9\xbf\x06\x01p \x00\x00\x00\x00\x00\xe4\xff\x1a"

// BenchmarkInflateNothing is the most work that 64 KiB on the wire can ask for, by either way to say nothing at length.
func BenchmarkInflateNothing(b *testing.B) {
	for name, unit := range map[string]string{"codes": emptyBlocks, "final": "\x03\x00", "stored": flushMark[:1] + flushMark} {
		payload := append(bytes.Repeat([]byte(unit), 64<<10/len(unit)), 0)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out, offence := inflate(payload, OpBinary, 1<<10)
				if offence != nil {
					b.Fatal(offence)
				}
				out.release()
			}
		})
	}
}

func BenchmarkCompress(b *testing.B) {
	for _, size := range []int{256, 1024, 16384} {
		payload := []byte(strings.Repeat(`{"message_type":"text","data":"a lively chat"}`, size/46+1))[:size]
		b.Run(fmt.Sprintf("deflate %d", size), func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = AppendCompressed(dst[:0], OpText, payload, FullDeflate)
			}
		})
		stream := packed(b, string(payload))
		b.Run(fmt.Sprintf("inflate %d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out, _ := inflate(stream, OpText, 1<<20)
				out.release()
			}
		})
	}
}
