package protocol

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// inflater decompresses one message at a time (RFC 7692 §7.2.2). It has a window of 32 KiB, so a few are shared by all
// connections: a connection needs one only while one of its messages is decompressed.
type inflater struct {
	reader io.ReadCloser
	source compressedMessage
}

// compressedMessage is a compressed payload, followed by the flush mark that its sender left out and by an empty last
// block, which makes the reader end without an error.
type compressedMessage struct {
	payload []byte
	tail    string
}

const inflateTail = flushMark + "\x01\x00\x00\xff\xff"

// Read reads the payload and then the tail.
func (m *compressedMessage) Read(p []byte) (int, error) {
	n := copy(p, m.payload)
	m.payload = m.payload[n:]
	if n < len(p) {
		k := copy(p[n:], m.tail)
		m.tail = m.tail[k:]
		n += k
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// ReadByte reads one byte. With it the decompressor needs no buffer of its own.
func (m *compressedMessage) ReadByte() (byte, error) {
	var b [1]byte
	if n, _ := m.Read(b[:]); n == 0 {
		return 0, io.EOF
	}
	return b[0], nil
}

var inflaters sync.Pool // of *inflater

func takeInflater(payload []byte) *inflater {
	f, ok := inflaters.Get().(*inflater)
	if !ok {
		f = &inflater{}
		f.reader = flate.NewReader(&f.source)
	}
	f.source = compressedMessage{payload, inflateTail}
	_ = f.reader.(flate.Resetter).Reset(&f.source, nil) // fails for a bad dictionary only
	return f
}

// next continues after a last block (BFINAL, §7.2.1) that did not end the message, and reports whether there is more. To
// start again costs less for each byte of payload than a block of Huffman codes may cost.
func (f *inflater) next() bool {
	if len(f.source.payload) == 0 {
		return false
	}
	_ = f.reader.(flate.Resetter).Reset(&f.source, nil)
	return true
}

func (f *inflater) release() {
	f.source = compressedMessage{}
	inflaters.Put(f)
}

// inflate decompresses a message of at most limit bytes. Memory follows the output and stops at the limit, however much
// input is left: a decompression bomb costs as much as an honest message of the largest size. Text is validated as it
// comes out.
func inflate(payload []byte, op OpCode, limit int) (*buffer, *CloseError) {
	f := takeInflater(payload)
	defer f.release()
	out := takeBuffer(min(4*len(payload), limit))
	var text utf8Check
	for {
		if len(out.bytes) == cap(out.bytes) {
			out = out.grown(limit + 1)
		}
		from := len(out.bytes)
		n, err := f.reader.Read(out.bytes[from:cap(out.bytes)])
		out.bytes = out.bytes[:from+n]
		if errors.Is(err, io.EOF) && f.next() {
			err = nil
		}
		closeErr := checkInflated(out.bytes, from, op, limit, &text, err)
		if closeErr != nil {
			out.release()
			return nil, closeErr
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
	}
}

// checkInflated checks the output of the decompressor so far: the bytes after from are new.
func checkInflated(out []byte, from int, op OpCode, limit int, text *utf8Check, err error) *CloseError {
	switch {
	case len(out) > limit:
		return &CloseError{Code: StatusMessageTooBig, Reason: "message too big: send smaller messages"}
	case err != nil && !errors.Is(err, io.EOF):
		return &CloseError{Code: StatusInvalidData, Reason: "the message is not valid deflate data"}
	case op != OpText:
		return nil
	case !text.accept(out[from:]), err != nil && !text.complete():
		return invalidUTF8("the text")
	}
	return nil
}

// grown moves a full buffer to one of twice the size, but of at most limit bytes.
func (b *buffer) grown(limit int) *buffer {
	larger := takeBuffer(max(cap(b.bytes)+1, min(2*cap(b.bytes), limit)))
	larger.bytes = append(larger.bytes, b.bytes...)
	b.release()
	return larger
}
