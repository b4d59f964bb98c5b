package protocol

import (
	"unicode/utf8"
	"unsafe"

	"github.com/gobwas/ws"
)

// Decoder reads the frames of one client (RFC 6455 §5). The zero value is ready to use. Between frames it holds no
// memory, so an idle connection costs one pointer.
type Decoder struct {
	partial *partial // nil unless a header, a frame or a message is incomplete
}

// Next returns the next event in the bytes that were read, and how many of them it consumed. It changes them in place.
// Call it again with the rest until ok is false: all bytes are then consumed, and an incomplete frame has been copied.
// Events that come before a protocol error are returned first. After an error, which is a *CloseError, the rest of the
// stream cannot be read; the decoder has released its buffers.
func (d *Decoder) Next(in []byte, lim *Limits) (ev Event, n int, ok bool, err error) {
	if d.partial != nil && d.partial.idle() {
		d.Release() // it held the payload of the last event
	}
	for n < len(in) {
		ev, used, ok, closeErr := d.step(in[n:], lim)
		n += used
		if closeErr != nil {
			d.Release()
			return Event{}, n, false, closeErr
		}
		if ok {
			return ev, n, true, nil
		}
	}
	return Event{}, n, false, nil
}

// Inflate decompresses an event with Compressed set. The result is valid as long as one of Next. Its cost can be much
// larger than its result, so the caller first checks whether the client may spend it.
func (d *Decoder) Inflate(compressed Event, lim *Limits) (Event, error) {
	out, closeErr := inflate(compressed.Payload, compressed.Op, lim.Message)
	if closeErr != nil {
		d.Release()
		return Event{}, closeErr
	}
	p := d.ensurePartial()
	if p.body != nil {
		p.body.release()
	}
	p.body = out
	return Event{Op: compressed.Op, Payload: out.bytes}, nil
}

// Release returns the decoder's buffers to their pools. Call it when the connection has closed.
func (d *Decoder) Release() {
	if d.partial != nil {
		d.partial.release()
		d.partial = nil
	}
}

// Pending returns how many bytes of memory the decoder holds beyond its own size.
func (d *Decoder) Pending() int {
	if d.partial == nil {
		return 0
	}
	n := int(unsafe.Sizeof(partial{}))
	if d.partial.body != nil {
		n += cap(d.partial.body.bytes)
	}
	return n
}

// step reads one frame, or as much of it as has arrived.
func (d *Decoder) step(in []byte, lim *Limits) (ev Event, n int, ok bool, closeErr *CloseError) {
	if d.partial != nil && d.partial.inFrame {
		return d.partial.resume(in)
	}
	h, n, ok, closeErr := d.header(in, lim)
	if !ok {
		return Event{}, n, false, closeErr
	}
	rest := in[n:]
	if h.Length <= int64(len(rest)) && (h.OpCode.IsControl() || h.Fin && h.OpCode != OpContinuation) {
		payload := rest[:h.Length]
		unmask(payload, h.Mask, 0)
		if h.Rsv != 0 {
			return Event{Op: h.OpCode, Compressed: true, Payload: payload}, n + len(payload), true, nil
		}
		return Event{Op: h.OpCode, Payload: payload}, n + len(payload), true, checkPayload(h.OpCode, payload)
	}
	p := d.ensurePartial()
	p.begin(h, lim)
	ev, used, ok, closeErr := p.resume(rest)
	return ev, n + used, ok, closeErr
}

// header reads a frame header, which may arrive in several reads. ok reports that it is complete.
func (d *Decoder) header(in []byte, lim *Limits) (h ws.Header, n int, ok bool, closeErr *CloseError) {
	p := d.partial
	if p == nil || p.headerBytes == 0 {
		h, n, closeErr = parseHeader(in, p.message(), lim)
		if n == 0 && closeErr == nil {
			p = d.ensurePartial()
			p.headerBytes = copy(p.header[:], in)
			n = len(in)
			return h, n, false, nil
		}
		return h, n, closeErr == nil, closeErr
	}
	before := p.headerBytes
	p.headerBytes += copy(p.header[before:], in)
	h, n, closeErr = parseHeader(p.header[:p.headerBytes], p.message(), lim)
	if n == 0 {
		return h, len(in), false, closeErr
	}
	p.headerBytes = 0
	return h, n - before, true, nil
}

// ensurePartial returns the decoder's partial and takes one from the pool if there is none.
func (d *Decoder) ensurePartial() *partial {
	if d.partial == nil {
		d.partial = takePartial()
	}
	return d.partial
}

// checkPayload checks the payload of a frame that arrived in one piece; see partial.check.
func checkPayload(op OpCode, payload []byte) *CloseError {
	switch {
	case op == OpText && !utf8.Valid(payload):
		return invalidUTF8("the text")
	case op == OpClose && len(payload) > closeCodeBytes && !utf8.Valid(payload[closeCodeBytes:]):
		return invalidUTF8("the close reason")
	}
	return nil
}
