package protocol

import (
	"unicode/utf8"
	"unsafe"

	"github.com/gobwas/ws"
)

// Event is one complete message (OpText, OpBinary: its fragments joined) or one control frame. Payload is
// unmasked, lies in the bytes given to Next or in the decoder's own buffer, and is valid until the next call.
type Event struct {
	Op      OpCode
	Packed  bool // the message is compressed still: Inflate gives what it says
	Payload []byte
}

// Decoder reads the frames of one client (RFC 6455 §5). The zero value is ready. Between frames it holds
// nothing, so that an idle connection costs one pointer.
type Decoder struct {
	part *partial // nil unless a header, a frame or a message is unfinished
}

// Next returns the next event in the bytes that were read, and how many of them it used up; they are changed
// in place. It is called again with the rest until ok is false: then all of them are used up, and what is
// unfinished has been copied. Events in front of an offence come first. After an error, which is a
// *CloseError, the stream cannot be followed any further; the decoder has let go of its buffers.
func (d *Decoder) Next(in []byte, lim *Limits) (ev Event, n int, ok bool, err error) {
	if d.part != nil && d.part.idle() {
		d.Release() // it held the last event's payload
	}
	for n < len(in) {
		ev, used, ok, offence := d.step(in[n:], lim)
		n += used
		if offence != nil {
			d.Release()
			return Event{}, n, false, offence
		}
		if ok {
			return ev, n, true, nil
		}
	}
	return Event{}, n, false, nil
}

// Inflate returns what a packed event says, for which the same holds as for one of Next. Its work is in proportion
// to more than what comes out, so the caller decides beforehand whether the sender may ask for it.
func (d *Decoder) Inflate(packed Event, lim *Limits) (Event, error) {
	out, offence := inflate(packed.Payload, packed.Op, lim.Message)
	if offence != nil {
		d.Release()
		return Event{}, offence
	}
	p := d.hold()
	if p.body != nil {
		p.body.release()
	}
	p.body = out
	return Event{Op: packed.Op, Payload: out.bytes}, nil
}

// Release gives the decoder's buffers back: the connection is gone.
func (d *Decoder) Release() {
	if d.part != nil {
		d.part.release()
		d.part = nil
	}
}

// Pending returns how many bytes of memory the decoder holds beyond itself.
func (d *Decoder) Pending() int {
	if d.part == nil {
		return 0
	}
	n := int(unsafe.Sizeof(partial{}))
	if d.part.body != nil {
		n += cap(d.part.body.bytes)
	}
	return n
}

// step reads one frame, or what there is of it.
func (d *Decoder) step(in []byte, lim *Limits) (ev Event, n int, ok bool, offence *CloseError) {
	if d.part != nil && d.part.inFrame {
		return d.part.resume(in)
	}
	h, n, ok, offence := d.header(in, lim)
	if !ok {
		return Event{}, n, false, offence
	}
	rest := in[n:]
	if h.Length <= int64(len(rest)) && (h.OpCode.IsControl() || h.Fin && h.OpCode != OpContinuation) {
		payload := rest[:h.Length]
		unmask(payload, h.Mask, 0)
		if h.Rsv != 0 {
			return Event{Op: h.OpCode, Packed: true, Payload: payload}, n + len(payload), true, nil
		}
		return Event{Op: h.OpCode, Payload: payload}, n + len(payload), true, judgeWhole(h.OpCode, payload)
	}
	p := d.hold()
	p.begin(h, lim)
	ev, used, ok, offence := p.resume(rest)
	return ev, n + used, ok, offence
}

// header reads a frame header, from several reads if need be. ok reports that it is complete.
func (d *Decoder) header(in []byte, lim *Limits) (h ws.Header, n int, ok bool, offence *CloseError) {
	p := d.part
	if p == nil || p.spilled == 0 {
		h, n, offence = parseHeader(in, p, lim)
		if n == 0 && offence == nil {
			p = d.hold()
			p.spilled = copy(p.spill[:], in)
			n = len(in)
			return h, n, false, nil
		}
		return h, n, offence == nil, offence
	}
	before := p.spilled
	p.spilled += copy(p.spill[before:], in)
	h, n, offence = parseHeader(p.spill[:p.spilled], p, lim)
	if n == 0 {
		return h, len(in), false, offence
	}
	p.spilled = 0
	return h, n - before, true, nil
}

// hold returns the partial, taking one if there is none.
func (d *Decoder) hold() *partial {
	if d.part == nil {
		d.part = takePartial()
	}
	return d.part
}

// judgeWhole checks the payload of a frame that arrived in one piece; see partial.judge.
func judgeWhole(op OpCode, payload []byte) *CloseError {
	switch {
	case op == OpText && !utf8.Valid(payload):
		return invalidUTF8("the text")
	case op == OpClose && len(payload) > closeCodeBytes && !utf8.Valid(payload[closeCodeBytes:]):
		return invalidUTF8("the close reason")
	}
	return nil
}
