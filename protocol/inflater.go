package protocol

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// inflater decompresses one message at a time (RFC 7692 §7.2.2). It has a window of 32 KiB, so a few are
// shared by everybody; a connection needs one only while a message of its is inflated.
type inflater struct {
	reader io.ReadCloser
	source message
}

// message is a compressed payload, and behind it the flush mark that its sender left out and an empty last
// block, which makes the reader stop in order.
type message struct {
	payload []byte
	tail    string
}

const inflateTail = flushMark + "\x01\x00\x00\xff\xff"

// Read reads on.
func (m *message) Read(p []byte) (int, error) {
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

// ReadByte reads one byte, which spares the decompressor a buffer of its own.
func (m *message) ReadByte() (byte, error) {
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
	f.source = message{payload, inflateTail}
	_ = f.reader.(flate.Resetter).Reset(&f.source, nil) // fails for a bad dictionary only
	return f
}

// next goes on behind a last block that was not the message's last (BFINAL, §7.2.1), and reports whether there is
// more. What it costs to begin again, per byte of payload, is less than what a block of Huffman codes may cost.
func (f *inflater) next() bool {
	if len(f.source.payload) == 0 {
		return false
	}
	_ = f.reader.(flate.Resetter).Reset(&f.source, nil)
	return true
}

func (f *inflater) release() {
	f.source = message{}
	inflaters.Put(f)
}

// inflate appends the message to a buffer, and returns the buffer, which may be another one. Memory follows
// what comes out and stops at the limit, however much is still packed: a bomb costs what an honest message
// of the largest size does. Text is checked as it comes out.
func inflate(payload []byte, op OpCode, most int) (*buffer, *CloseError) {
	f := takeInflater(payload)
	defer f.release()
	out := takeBuffer(min(4*len(payload), most))
	var text utf8Check
	for {
		if len(out.bytes) == cap(out.bytes) {
			out = out.grown(most + 1)
		}
		from := len(out.bytes)
		n, err := f.reader.Read(out.bytes[from:cap(out.bytes)])
		out.bytes = out.bytes[:from+n]
		if errors.Is(err, io.EOF) && f.next() {
			err = nil
		}
		offence := judgeInflated(out.bytes, from, op, most, &text, err)
		if offence != nil {
			out.release()
			return nil, offence
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
	}
}

// judgeInflated looks at what has come out: the bytes behind from are new.
func judgeInflated(out []byte, from int, op OpCode, most int, text *utf8Check, err error) *CloseError {
	switch {
	case len(out) > most:
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

// grown moves a full buffer to one of twice the size, and at the most of most bytes.
func (b *buffer) grown(most int) *buffer {
	larger := takeBuffer(max(cap(b.bytes)+1, min(2*cap(b.bytes), most)))
	larger.bytes = append(larger.bytes, b.bytes...)
	b.release()
	return larger
}
