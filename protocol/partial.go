package protocol

import (
	"sync"

	"github.com/gobwas/ws"
)

// partial is the state of a decoder between two reads: part of a header, part of a frame, and the message that the
// frame belongs to. A connection has one only while one of these is incomplete.
type partial struct {
	// The header that is arriving.
	header      [ws.MaxHeaderSize]byte
	headerBytes int

	// The frame that is arriving.
	inFrame  bool
	frame    ws.Header
	received int                                 // bytes of its payload
	limit    int                                 // bytes that the message cannot exceed from here on
	control  [ws.MaxControlFramePayloadSize]byte // a control frame's payload: it may come between the frames of a message
	reason   utf8Check                           // of a close frame

	// The message that the frame belongs to.
	op         OpCode // OpText or OpBinary; OpContinuation: no message
	compressed bool
	fragments  int // frames so far
	text       utf8Check
	body       *buffer // nil while empty
}

var partials sync.Pool // of *partial, empty

func takePartial() *partial {
	if p, ok := partials.Get().(*partial); ok {
		return p
	}
	return &partial{}
}

func (p *partial) release() {
	if p.body != nil {
		p.body.release()
	}
	*p = partial{}
	partials.Put(p)
}

// idle reports that nothing is incomplete.
func (p *partial) idle() bool {
	return p.headerBytes == 0 && !p.inFrame && p.op == OpContinuation
}

// message describes the message in progress. p may be nil.
func (p *partial) message() messageState {
	if p == nil || p.op == OpContinuation {
		return messageState{}
	}
	return messageState{true, p.compressed, p.size(), p.fragments}
}

// size is how many bytes of the message have arrived.
func (p *partial) size() int {
	if p.body == nil {
		return 0
	}
	return len(p.body.bytes)
}

// begin records the frame of the next payload.
func (p *partial) begin(h ws.Header, lim *Limits) {
	p.inFrame, p.frame, p.received = true, h, 0
	if h.OpCode.IsControl() {
		return
	}
	if h.OpCode != OpContinuation {
		p.op, p.compressed, p.fragments = h.OpCode, h.Rsv != 0, 0
	}
	p.fragments++
	p.limit = lim.Message
	if p.compressed {
		p.limit = compressedLimit(lim.Message)
	}
	if h.Fin {
		p.limit = p.size() + int(h.Length)
	}
}

// resume takes payload of the frame that is arriving and returns how much of in belonged to it. ok reports that an event
// is complete.
func (p *partial) resume(in []byte) (ev Event, n int, ok bool, closeErr *CloseError) {
	n = min(len(in), int(p.frame.Length)-p.received)
	payload := p.room(n)
	copy(payload, in)
	unmask(payload, p.frame.Mask, p.received)
	closeErr = p.check(payload)
	p.received += n
	if closeErr != nil || p.received < int(p.frame.Length) {
		return Event{}, n, false, closeErr
	}
	p.inFrame = false
	ev, ok, closeErr = p.finish()
	return ev, n, ok, closeErr
}

// room returns where the next n bytes of payload go.
func (p *partial) room(n int) []byte {
	if p.frame.OpCode.IsControl() {
		return p.control[p.received : p.received+n]
	}
	if n == 0 {
		return nil
	}
	p.reserve(n)
	b := p.body.bytes
	p.body.bytes = b[:len(b)+n]
	return p.body.bytes[len(b):]
}

// reserve makes the body hold n bytes more. It doubles the buffer, so that any number of pieces is copied in linear time.
// The buffer follows the bytes that have arrived and not the length in a header: a client that announces 16 MiB and sends ten bytes
// gets the smallest buffer.
func (p *partial) reserve(n int) {
	if p.body == nil {
		p.body = takeBuffer(n)
		return
	}
	old := p.body
	if cap(old.bytes)-len(old.bytes) >= n {
		return
	}
	p.body = takeBuffer(max(len(old.bytes)+n, min(2*cap(old.bytes), p.limit)))
	p.body.bytes = append(p.body.bytes, old.bytes...)
	old.release()
}

// check checks payload as it arrives: text must be UTF-8 (§8.1), and so must the reason after the two bytes of code in a
// close frame (§5.5.1).
func (p *partial) check(payload []byte) *CloseError {
	switch {
	case p.frame.OpCode == OpClose:
		if skip := max(closeCodeBytes-p.received, 0); skip < len(payload) && !p.reason.accept(payload[skip:]) {
			return invalidUTF8("the close reason")
		}
	case p.frame.OpCode.IsControl():
	case p.op == OpText && !p.compressed && !p.text.accept(payload):
		return invalidUTF8("the text")
	}
	return nil
}

// finish ends a frame, and with its last frame the message.
func (p *partial) finish() (Event, bool, *CloseError) {
	if p.frame.OpCode.IsControl() {
		if !p.reason.complete() {
			return Event{}, false, invalidUTF8("the close reason")
		}
		return Event{Op: p.frame.OpCode, Payload: p.control[:p.received]}, true, nil
	}
	if !p.frame.Fin {
		return Event{}, false, nil
	}
	if !p.text.complete() {
		return Event{}, false, invalidUTF8("the text")
	}
	ev := Event{Op: p.op, Compressed: p.compressed}
	p.op, p.compressed = OpContinuation, false
	if p.body != nil {
		ev.Payload = p.body.bytes
	}
	return ev, true, nil
}
