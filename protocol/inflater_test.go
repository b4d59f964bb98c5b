package protocol

import (
	"bytes"
	stdflate "compress/flate"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var deflateLimits = Limits{Frame: 16 << 10, Message: 16 << 10, Deflate: true} // small: each case is decompressed at every cut

// deflated compresses as a client would, with the standard library's compressor, which the server does not use.
func deflated(t testing.TB, payload string) []byte {
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

// final compresses to blocks of which the last has BFINAL, as a sender does that ends its deflate stream (§7.2.3.4).
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

// TestRFC7692Section6Messages decodes compressed messages in one read and cut at every byte.
func TestRFC7692Section6Messages(t *testing.T) {
	long := strings.Repeat("all work and no play ", 300)
	p := deflated(t, long)
	hello := []byte{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00} // §7.2.3.1
	for name, c := range map[string]struct {
		stream []byte
		want   []string
	}{
		"§7.2.3.1 one block":               {compressedFrame(true, OpText, hello), []string{said(OpText, "Hello")}},
		"§7.2.3.1 in two frames":           {append(compressedFrame(false, OpText, hello[:3]), clientFrame(true, OpContinuation, hello[3:])...), []string{said(OpText, "Hello")}},
		"§7.2.3.3 a stored block":          {compressedFrame(true, OpText, []byte("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00")), []string{said(OpText, "Hello")}},
		"§7.2.3.4 BFINAL":                  {compressedFrame(true, OpText, []byte{0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}), []string{said(OpText, "Hello")}},
		"§7.2.1 a BFINAL block, and more":  {compressedFrame(true, OpText, append(final(t, "Hel"), deflated(t, "lo")...)), []string{said(OpText, "Hello")}},
		"§7.2.1 two BFINAL blocks":         {compressedFrame(true, OpText, append(final(t, "Hel"), final(t, "lo")...)), []string{said(OpText, "Hello")}},
		"§7.2.1 a character cut by BFINAL": {compressedFrame(true, OpText, append(final(t, "\xe2\x82"), deflated(t, "\xac")...)), []string{said(OpText, "€")}},
		"garbage after BFINAL":             {compressedFrame(true, OpBinary, append(final(t, "Hello"), 0xff, 0xff, 0xff)), []string{failLine(1007)}},
		"bad UTF-8 after BFINAL":           {compressedFrame(true, OpText, append(final(t, "ok"), deflated(t, "\xff")...)), []string{failLine(1007)}},
		"too much after BFINAL":            {compressedFrame(true, OpBinary, append(final(t, "x"), deflated(t, strings.Repeat("y", deflateLimits.Message))...)), []string{failLine(1009)}},
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
		"bad UTF-8 inside":                 {compressedFrame(true, OpText, deflated(t, "ok \xff")), []string{failLine(1007)}},
		"cut UTF-8 at the end":             {compressedFrame(true, OpText, deflated(t, "ok \xe2\x82")), []string{failLine(1007)}},
		"binary needs no UTF-8":            {compressedFrame(true, OpBinary, deflated(t, "ok \xff")), []string{said(OpBinary, "ok \xff")}},
	} {
		t.Run(name, func(t *testing.T) { expectWithin(t, &deflateLimits, c.stream, c.want...) })
	}
}

func unmaskedRSV(bits byte) []byte {
	f := text("x")
	f[0] |= bits
	return f
}

// TestDeflateBomb decompresses a megabyte that becomes a gigabyte: it must fail with 1009 and take no more memory than a
// message of the limit's size.
func TestDeflateBomb(t *testing.T) {
	bomb := bytes.Repeat(deflated(t, strings.Repeat("\x00", 1<<20)), 1000)
	lim := Limits{Frame: 16 << 20, Message: 64 << 10, Deflate: true}
	if len(bomb) > lim.Frame {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	lim.Message = len(bomb) // a compressed message of the bomb's size is allowed
	const times = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		if _, closeErr := inflate(bomb, OpBinary, 64<<10); closeErr == nil || closeErr.Code != StatusMessageTooBig {
			t.Fatalf("the bomb gave %v", closeErr)
		}
	}
	runtime.ReadMemStats(&after)
	if bytes := (after.TotalAlloc - before.TotalAlloc) / times; bytes > 256<<10 {
		t.Errorf("refusing the bomb takes %d bytes of memory", bytes)
	}
}

// TestLimitOfCompressedMessages sends noise of the message limit's size, which compression makes longer, and messages that
// are longer than any compression makes them.
func TestLimitOfCompressedMessages(t *testing.T) {
	lim := Limits{Frame: 600, Message: 600, Deflate: true}
	noise, high := make([]byte, lim.Message+1), make([]byte, lim.Message)
	random := rand.New(rand.NewPCG(1, 3))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for i := range high {
		high[i] = 144 + noise[i]%112 // where the fixed codes have nine bits
	}
	full := noise[:lim.Message]
	stored, over, nine, limit := deflated(t, string(full)), deflated(t, string(noise)), fixedCodes(high), compressedLimit(lim.Message)
	if len(stored) <= lim.Message || len(nine) < lim.Message*9/8 || len(over) > limit {
		t.Fatalf("%d bytes became %d and %d; one more became %d", len(full), len(stored), len(nine), len(over))
	}
	want, wantHigh := said(OpBinary, string(full)), said(OpBinary, string(high))
	expectWithin(t, &lim, compressedFrame(true, OpBinary, stored), want)
	expectWithin(t, &lim, compressedFrame(true, OpBinary, nine), wantHigh)
	expectWithin(t, &lim, append(compressedFrame(false, OpBinary, nine[:100]), clientFrame(true, OpContinuation, nine[100:])...), wantHigh)
	tooLong := append(compressedFrame(false, OpBinary, nine[:100]), clientFrame(true, OpContinuation, make([]byte, limit-99))...)
	expectWithin(t, &lim, tooLong[:len(tooLong)-(limit-99)], fail1009)
	expectWithin(t, &lim, compressedFrame(true, OpBinary, make([]byte, limit+1))[:4], fail1009)
	expectWithin(t, &lim, compressedFrame(true, OpBinary, over), fail1009) // after it is decompressed
	both := slices.Concat(compressedFrame(false, OpBinary, stored[:1]), clientFrame(true, OpContinuation, stored[1:]), clientFrame(false, OpBinary, full))
	expectWithin(t, &lim, append(both, last("x")[:2]...), want, fail1009) // the next one is not compressed
}

// fixedCodes writes bytes of 144 and more with the fixed codes (RFC 1951 §3.2.6), as a fast compressor does.
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
	code(0, 7) // the end of the block
	code(0, 3) // a stored block, of which the flush mark is left out
	return out
}

// TestManyFinalBlocksTakeNoMemory restarts the decompressor as often as a payload can ask for it.
func TestManyFinalBlocksTakeNoMemory(t *testing.T) {
	payload := bytes.Repeat([]byte{3, 0}, 32<<10) // an empty last block in two bytes
	allocations := testing.AllocsPerRun(5, func() {
		out, closeErr := inflate(payload, OpText, 1<<10)
		if closeErr != nil || len(out.bytes) != 0 {
			t.Fatal(closeErr)
		}
		out.release()
	})
	if allocations > 20 {
		t.Errorf("%v allocations", allocations)
	}
}

// inflateReference decompresses with the standard library's reader, one stream after the other until the payload is
// consumed, and stops beyond limit.
func inflateReference(payload []byte, limit int) ([]byte, error) {
	source := bytes.NewReader(append(bytes.Clone(payload), inflateTail...))
	var out []byte
	for {
		stream, err := io.ReadAll(io.LimitReader(stdflate.NewReader(source), int64(limit+1-len(out))))
		out = append(out, stream...)
		if err != nil || len(out) > limit || source.Len() <= len(inflateTail) {
			return out, err
		}
	}
}

// FuzzInflate compares with the standard library's reader: both must decompress the same payloads to the same bytes and
// refuse the same payloads.
func FuzzInflate(f *testing.F) {
	f.Add(deflated(f, "hello hello hello"))
	f.Add([]byte{0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00})
	f.Add(append(final(f, "one "), final(f, "two ")...))
	f.Add(append(final(f, "one "), deflated(f, "two ")...))
	f.Add(append(final(f, "one "), 0xff, 0xff, 0xff))
	f.Add([]byte{0})
	f.Add([]byte{})
	f.Add([]byte{0x06})
	const limit = 1 << 16
	f.Fuzz(func(t *testing.T, payload []byte) {
		want, err := inflateReference(payload, limit)
		got, closeErr := inflate(payload, OpBinary, limit)
		switch {
		case len(want) > limit:
			if closeErr == nil {
				t.Fatalf("returned %d bytes", len(got.bytes))
			}
		case (err == nil) != (closeErr == nil):
			t.Fatalf("the standard library returns %v, we return %v", err, closeErr)
		case err == nil && !bytes.Equal(got.bytes, want):
			t.Fatalf("decompressed to %q, want %q", got.bytes, want)
		}
		if closeErr == nil {
			got.release()
		}
	})
}

// emptyBlocks are eight blocks that define their own codes and then end: no deflate data takes longer for each byte.
const emptyBlocks = "\x04\xc0\x81\x00\x00\x00\x00\x00\x90\xffk\x10\x00\x07\x02\x00\x00\x00\x00@\xfe\xafA\x00\x1c\x08\x00\x00\x00\x00" +
	"\x00\xf9\xbf\x06\x01p \x00\x00\x00\x00\x00\xe4\xff\x1a\x04\xc0\x81\x00\x00\x00\x00\x00\x90\xffk\x10\x00\x07\x02\x00\x00\x00\x00@" +
	"\xfe\xafA\x00\x1c\x08\x00\x00\x00\x00\x00\xf9\xbf\x06\x01p \x00\x00\x00\x00\x00\xe4\xff\x1a"

// BenchmarkInflateNothing is the most work that 64 KiB on the wire can cause, in both kinds of empty blocks.
func BenchmarkInflateNothing(b *testing.B) {
	for name, unit := range map[string]string{"codes": emptyBlocks, "final": "\x03\x00", "stored": flushMark[:1] + flushMark} {
		payload := append(bytes.Repeat([]byte(unit), 64<<10/len(unit)), 0)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out, closeErr := inflate(payload, OpBinary, 1<<10)
				if closeErr != nil {
					b.Fatal(closeErr)
				}
				out.release()
			}
		})
	}
}
