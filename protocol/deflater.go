package protocol

import (
	"sync"

	"github.com/klauspost/compress/flate"
)

// deflater compresses one message at a time. It is large (some 300 KiB), so a few are shared by all connections.
type deflater struct {
	writer *flate.Writer
	out    []byte
}

// Write collects the output of the compressor.
func (d *deflater) Write(p []byte) (int, error) {
	d.out = append(d.out, p...)
	return len(p), nil
}

var deflaters [maxWindowBits + 1]sync.Pool // of *deflater, by window bits

func takeDeflater(bits uint8) *deflater {
	if d, ok := deflaters[bits].Get().(*deflater); ok {
		d.writer.Reset(d)
		return d
	}
	d := &deflater{}
	var err error
	if bits == maxWindowBits {
		d.writer, err = flate.NewWriter(d, flate.BestSpeed)
	} else {
		d.writer, err = flate.NewWriterWindow(d, 1<<bits)
	}
	if err != nil {
		return nil // cannot happen: the level and the sizes are the library's own
	}
	return d
}

// flushMark ends every flushed block; a message leaves it out (RFC 7692 §7.2.1).
const flushMark = "\x00\x00\xff\xff"

// AppendCompressed appends a message as one frame: compressed with RSV1 set (§6), or uncompressed where compression would
// not make it smaller.
func AppendCompressed(dst []byte, op OpCode, payload []byte, agreed Deflate) []byte {
	d := takeDeflater(agreed.windowBits)
	if d == nil {
		return AppendFrame(dst, op, payload)
	}
	d.out = d.out[:0]
	_, _ = d.writer.Write(payload) // writes to memory, which does not fail
	_ = d.writer.Flush()
	if size := len(d.out) - len(flushMark); size > 0 && size < len(payload) {
		start := len(dst)
		dst = AppendFrame(dst, op, d.out[:size])
		dst[start] |= rsv1
	} else {
		dst = AppendFrame(dst, op, payload)
	}
	if cap(d.out) > maxPooledBytes {
		d.out = nil
	}
	deflaters[agreed.windowBits].Put(d)
	return dst
}
