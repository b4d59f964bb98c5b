package protocol

import (
	"math/bits"
	"sync"
)

const (
	// minBufferBytes is the smallest buffer that a payload in pieces gets.
	minBufferBytes = 512
	// maxPooledBytes is the largest buffer kept for reuse. A larger one is rare, and the pool would keep a burst's memory
	// for ever.
	maxPooledBytes = 64 << 10

	minBufferBits = 9 // minBufferBytes as a power of two
	bufferClasses = 8 // the powers of two from minBufferBytes to maxPooledBytes
)

// buffer is a growing payload. It is passed by pointer so that pooling it costs no allocation.
type buffer struct{ bytes []byte }

var buffers [bufferClasses]sync.Pool // of *buffer, empty, by capacity

// takeBuffer returns an empty buffer for size bytes, rounded up to a power of two up to maxPooledBytes.
func takeBuffer(size int) *buffer {
	if size > maxPooledBytes {
		return &buffer{make([]byte, 0, size)}
	}
	class := bufferClass(max(size, minBufferBytes))
	if b, ok := buffers[class].Get().(*buffer); ok {
		return b
	}
	return &buffer{make([]byte, 0, minBufferBytes<<class)}
}

func (b *buffer) release() {
	if cap(b.bytes) <= maxPooledBytes {
		b.bytes = b.bytes[:0]
		buffers[bufferClass(cap(b.bytes))].Put(b)
	}
}

// bufferClass is the index of the smallest power of two that holds size bytes.
func bufferClass(size int) int { return bits.Len(uint(size-1)) - minBufferBits }
