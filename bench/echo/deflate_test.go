package main

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const (
	agreedDeflate = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	flushMark     = "\x00\x00\xff\xff"
	rsv1          = 0x40
)

// deflated compresses as a client does (RFC 7692 §7.2.1), with another compressor than the server's.
func deflated(t *testing.T, payload []byte, level int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(payload); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte(flushMark))
}

// message reads an echo and inflates it if it is compressed. wire is its number of bytes on the wire.
func (r *rawClient) message(t *testing.T) (op byte, payload []byte, wire int) {
	t.Helper()
	op, payload, err := r.frame()
	if err != nil {
		t.Fatal(err)
	}
	wire = len(payload)
	if op&rsv1 != 0 {
		tail := strings.NewReader(flushMark + "\x01" + flushMark)
		if payload, err = io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(payload), tail))); err != nil {
			t.Fatal(err)
		}
	}
	return op &^ rsv1, payload, wire
}

// TestCompressedMessages is a small version of groups 12 and 13: every way to offer compression, and messages of every size,
// each in one frame and in frames of several sizes. The answers are compressed if that makes them shorter.
func TestCompressedMessages(t *testing.T) {
	url := start(t, false, 2)
	for offer, agreed := range map[string]string{
		"permessage-deflate": agreedDeflate,
		"permessage-deflate; client_no_context_takeover; client_max_window_bits":                            agreedDeflate,
		"permessage-deflate; server_no_context_takeover; client_max_window_bits=9":                          agreedDeflate,
		"permessage-deflate; client_max_window_bits; server_max_window_bits=9":                              agreedDeflate + "; server_max_window_bits=9",
		"permessage-deflate; server_max_window_bits=15":                                                     agreedDeflate + "; server_max_window_bits=15",
		"permessage-deflate; server_max_window_bits=99, permessage-deflate; server_max_window_bits=12, foo": agreedDeflate + "; server_max_window_bits=12",
	} {
		r, got := dialOffering(t, url, offer)
		if got != agreed {
			t.Errorf("%s: the server agrees to %q, want %q", offer, got, agreed)
		}
		for i := range 11 * 4 { // each size with each cut
			size := []int{0, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072}[i%11]
			body := words(uint64(i), size)
			cut := []int{1 << 20, 256, 1024, 1}[i%4]
			if size > 4096 {
				cut = max(cut, 64)
			}
			first := byte(1 + i/11%2)
			if _, err := r.Write(fragments(rsv1|first, deflated(t, body, flate.BestSpeed), cut)); err != nil {
				t.Fatal(err)
			}
			op, payload, wire := r.message(t)
			if op != 0x80|first || !bytes.Equal(payload, body) {
				t.Fatalf("%s, message %d: %#x with %d bytes came back, %d were sent", offer, i, op, len(payload), size)
			}
			if size >= 256 && wire > size*3/4 {
				t.Errorf("%s, message %d: %d bytes came in %d", offer, i, size, wire)
			}
		}
		r.leave(t)
	}
}

// words returns text that compresses like text.
func words(seed uint64, size int) []byte {
	random, b := rand.New(rand.NewPCG(seed, 2)), make([]byte, 0, size+16)
	for len(b) < size {
		b = append(b, []string{"storm ", "reactor ", "frame ", "session ", "κόσμε ", "fan-out "}[random.IntN(6)]...)
	}
	return bytes.ToValidUTF8(b[:size], []byte("??"))
}

// TestWindowOnTheWire sends noise that repeats itself within the agreed window, and beyond it. Only the former can be answered
// with fewer bytes.
func TestWindowOnTheWire(t *testing.T) {
	url := start(t, false, 1)
	random := rand.New(rand.NewPCG(3, 3))
	noise := make([]byte, 1<<16)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for bits := 8; bits <= 14; bits++ {
		r, agreed := dialOffering(t, url, fmt.Sprint("permessage-deflate; server_max_window_bits=", bits))
		if want := fmt.Sprint(agreedDeflate, "; server_max_window_bits=", bits); agreed != want {
			t.Fatalf("the server agrees to %q, want %q", agreed, want)
		}
		for _, distance := range []int{1 << bits * 3 / 4, 1 << bits * 5 / 4} {
			body := slices.Concat(noise[:distance], noise[:distance])
			if _, err := r.Write(masked(0x80|rsv1|2, deflated(t, body, flate.BestCompression))); err != nil {
				t.Fatal(err)
			}
			op, payload, wire := r.message(t)
			if op != 0x82 || !bytes.Equal(payload, body) {
				t.Fatalf("%d bits: %#x with %d bytes came back", bits, op, len(payload))
			}
			if within := distance <= 1<<bits; within != (wire < len(body)*3/4) {
				t.Errorf("%d bits: %d bytes that repeat at a distance of %d came in %d", bits, len(body), distance, wire)
			}
		}
		r.leave(t)
	}
}

// TestLargestNoiseCompressed sends 16 MiB that compression makes longer, as a client does that compresses every message.
func TestLargestNoiseCompressed(t *testing.T) {
	random, body := rand.New(rand.NewPCG(4, 4)), make([]byte, maxMessageBytes)
	for i := range body {
		body[i] = byte(random.Uint32())
	}
	compressed := deflated(t, body, flate.NoCompression)
	if len(compressed) <= maxMessageBytes {
		t.Fatalf("noise became %d bytes", len(compressed))
	}
	r, _ := dialOffering(t, start(t, false, 1), "permessage-deflate")
	if _, err := r.Write(masked(0x80|rsv1|2, compressed)); err != nil {
		t.Fatal(err)
	}
	if op, payload, _ := r.message(t); op != 0x82 || !bytes.Equal(payload, body) {
		t.Fatalf("%#x with %d bytes came back", op, len(payload))
	}
	r.leave(t)
}
