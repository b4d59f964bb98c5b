package protocol

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRFC7692CompressionStaysWithinTheWindow compresses with every window size and checks the distances in the output.
func TestRFC7692CompressionStaysWithinTheWindow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var text []byte
	for range 6000 { // repeats at every distance, in more than three of the largest windows
		if n := len(text); n > 100 && random.IntN(4) > 0 {
			from := random.IntN(n - 50)
			text = append(text, text[from:from+4+random.IntN(40)]...)
		} else {
			text = append(text, byte(random.IntN(256)))
		}
	}
	for bits := uint8(minWindowBits); bits <= maxWindowBits; bits++ {
		for _, size := range []int{16, 300, 1000, 5000, 40000, len(text)} {
			frame := AppendCompressed(nil, OpBinary, text[:size], Deflate(bits))
			if frame[0]&rsv1 == 0 {
				continue // it would not have been smaller
			}
			payload := frame[payloadStart(frame):]
			out, furthest := follow(t, append(bytes.Clone(payload), inflateTail...))
			if !bytes.Equal(out, text[:size]) {
				t.Fatalf("%d bits, %d bytes: decompresses to another text", bits, size)
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

func TestMessagesThatDoNotShrinkAreNotCompressed(t *testing.T) {
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

// TestRFC7692AMessageMayEndInAStoredBlock reads frames whose beginning is compressed and whose end is not.
func TestRFC7692AMessageMayEndInAStoredBlock(t *testing.T) {
	for _, size := range []int{600, 1000, 100_000} {
		begin := []byte(strings.Repeat("a lively chat ", size/14))
		deflated := AppendDeflated(nil, begin, FullDeflate)
		for _, end := range []string{"}", `,"seq":1}`, `,"seq":18446744073709551615}`} {
			frame := AppendDeflatedFrame(nil, OpText, deflated, []byte(end))
			if frame[0] != finBit|rsv1|byte(OpText) {
				t.Fatalf("the frame begins with %#x", frame[0])
			}
			out, _ := follow(t, append(bytes.Clone(frame[payloadStart(frame):]), inflateTail...))
			if string(out) != string(begin)+end {
				t.Errorf("%d bytes and %q inflate to another text, which ends in %.40q", size, end, out[max(0, len(out)-40):])
			}
		}
	}
	if deflated := AppendDeflated(nil, []byte("short"), FullDeflate); len(deflated) > 0 {
		t.Errorf("a beginning that does not shrink is compressed to %d bytes", len(deflated))
	}
}

// TestCompressionIsPooled holds that compressors, readers and their buffers are reused. The race detector makes sync.Pool
// drop one value in four on purpose; a new compressor takes some twenty allocations, a new reader some eight.
func TestCompressionIsPooled(t *testing.T) {
	payload := []byte(strings.Repeat(`{"message_type":"text","data":"a lively chat"}`, 40))
	var dst []byte
	compress := func() { dst = AppendCompressed(dst[:0], OpText, payload, FullDeflate) }
	compress()
	if n := testing.AllocsPerRun(100, compress); n > 8 {
		t.Errorf("%v allocations to compress a message", n)
	}
	lim := deflateLimits
	stream := compressedFrame(true, OpText, deflated(t, string(payload)))
	var d Decoder
	read := make([]byte, len(stream))
	decode := func() {
		copy(read, stream)
		ev, n, ok, err := d.Next(read, &lim)
		if !ok || err != nil || !ev.Compressed {
			t.Fatal(ok, err, ev.Compressed)
		}
		if ev, err = d.Inflate(ev, &lim); err != nil || len(ev.Payload) != len(payload) {
			t.Fatal(err, len(ev.Payload))
		}
		if _, _, ok, _ := d.Next(read[n:], &lim); ok || d.partial != nil {
			t.Fatal("a decoder between messages holds memory")
		}
	}
	decode()
	if n := testing.AllocsPerRun(100, decode); n > 4 {
		t.Errorf("%v allocations to decompress a message", n)
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
		stream := deflated(b, string(payload))
		b.Run(fmt.Sprintf("inflate %d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out, _ := inflate(stream, OpText, 1<<20)
				out.release()
			}
		})
	}
}
