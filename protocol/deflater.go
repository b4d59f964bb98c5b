package protocol

import (
	"encoding/binary"
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
	d := compress(payload, agreed)
	if d == nil {
		return AppendFrame(dst, op, payload)
	}
	defer d.release(agreed)
	size := len(d.out) - len(flushMark)
	if size <= 0 || size >= len(payload) {
		return AppendFrame(dst, op, payload)
	}
	start := len(dst)
	dst = AppendFrame(dst, op, d.out[:size])
	dst[start] |= rsv1
	return dst
}

// AppendDeflated appends the beginning of a message, compressed, for AppendDeflatedFrame. It appends nothing if compression
// would not make it smaller.
func AppendDeflated(dst, payload []byte, agreed Deflate) []byte {
	d := compress(payload, agreed)
	if d == nil {
		return dst
	}
	defer d.release(agreed)
	if len(d.out)+storedHead > len(payload) {
		return dst
	}
	return append(dst, d.out...)
}

// storedHead is the size of a stored block's header (RFC 1951 §3.2.4).
const storedHead = 5

// AppendDeflatedFrame appends a message as one compressed frame. Its beginning is what AppendDeflated has appended; its end,
// of at most 64 KiB, goes into a stored block, which costs no compression. So the end may be known later than the rest.
func AppendDeflatedFrame(dst []byte, op OpCode, deflated, end []byte) []byte {
	start := len(dst)
	dst = AppendHeader(dst, op, len(deflated)+storedHead+len(end)+1)
	dst[start] |= rsv1
	dst = append(append(dst, deflated...), 0) // a block that is not the last one, stored
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(end)))
	dst = binary.LittleEndian.AppendUint16(dst, ^uint16(len(end)))
	return append(append(dst, end...), 0) // the first byte of an empty stored block, whose others the message leaves out
}

// compress returns a compressor with the payload in its output, flushed, or nil if there is none.
func compress(payload []byte, agreed Deflate) *deflater {
	d := takeDeflater(agreed.windowBits())
	if d == nil {
		return nil
	}
	d.out = d.out[:0]
	_, _ = d.writer.Write(payload) // writes to memory, which does not fail
	_ = d.writer.Flush()
	return d
}

func (d *deflater) release(agreed Deflate) {
	if cap(d.out) > maxPooledBytes {
		d.out = nil
	}
	deflaters[agreed.windowBits()].Put(d)
}
