package protocol

import "github.com/gobwas/ws"

// partial is what a decoder remembers between two reads: a piece of a header, a piece of a frame, the message
// its fragments belong to. A connection has one only while one of those is unfinished.
type partial struct {
	// The header that is arriving.
	spill   [ws.MaxHeaderSize]byte
	spilled int

	// The frame whose payload is arriving.
	inFrame bool
	frame   ws.Header
	got     int                                 // payload bytes so far
	most    int                                 // bytes the message cannot exceed, from here on
	control [ws.MaxControlFramePayloadSize]byte // a control frame's payload: it may come amid a message
	reason  utf8Check                           // of a close frame

	// The message whose frames are arriving.
	message   OpCode // OpText or OpBinary; OpContinuation: none
	packed    bool   // it is compressed
	fragments int    // frames so far
	text      utf8Check
	body      *buffer // nil while empty
}

// idle reports that nothing is unfinished.
func (p *partial) idle() bool {
	return p.spilled == 0 && !p.inFrame && p.message == OpContinuation
}

// size is how many bytes of a message have arrived, -1 when none is in progress.
func (p *partial) size() int {
	switch {
	case p == nil || p.message == OpContinuation:
		return -1
	case p.body == nil:
		return 0
	}
	return len(p.body.bytes)
}

// inPacked reports that a compressed message is in progress.
func (p *partial) inPacked() bool { return p != nil && p.packed }

// begin notes the frame whose payload comes next.
func (p *partial) begin(h ws.Header, lim *Limits) {
	p.inFrame, p.frame, p.got = true, h, 0
	if h.OpCode.IsControl() {
		return
	}
	if h.OpCode != OpContinuation {
		p.message, p.packed, p.fragments = h.OpCode, h.Rsv != 0, 0
	}
	p.fragments++
	p.most = lim.Message
	if p.packed {
		p.most = packedBytes(lim.Message)
	}
	if h.Fin {
		p.most = max(p.size(), 0) + int(h.Length)
	}
}

// resume takes payload of the frame that is arriving, and returns how much of in belonged to it. ok reports
// that an event is complete.
func (p *partial) resume(in []byte) (ev Event, n int, ok bool, offence *CloseError) {
	n = min(len(in), int(p.frame.Length)-p.got)
	part := p.room(n)
	copy(part, in)
	unmask(part, p.frame.Mask, p.got)
	offence = p.judge(part)
	p.got += n
	if offence != nil || p.got < int(p.frame.Length) {
		return Event{}, n, false, offence
	}
	p.inFrame = false
	ev, ok, offence = p.finish()
	return ev, n, ok, offence
}

// room returns where the next n bytes of payload go.
func (p *partial) room(n int) []byte {
	if p.frame.OpCode.IsControl() {
		return p.control[p.got : p.got+n]
	}
	if n == 0 {
		return nil
	}
	p.reserve(n)
	b := p.body.bytes
	p.body.bytes = b[:len(b)+n]
	return p.body.bytes[len(b):]
}

// reserve makes the body hold n bytes more. It doubles, so that any number of pieces is copied in linear time,
// and follows what has arrived, not what a header declares: a client that announces 16 MiB and sends ten bytes
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
	p.body = takeBuffer(max(len(old.bytes)+n, min(2*cap(old.bytes), p.most)))
	p.body.bytes = append(p.body.bytes, old.bytes...)
	old.release()
}

// judge checks payload as it arrives: text must be UTF-8 (§8.1), and so must the reason behind a close frame's
// two bytes of code (§5.5.1).
func (p *partial) judge(part []byte) *CloseError {
	switch {
	case p.frame.OpCode == OpClose:
		if skip := max(closeCodeBytes-p.got, 0); skip < len(part) && !p.reason.accept(part[skip:]) {
			return invalidUTF8("the close reason")
		}
	case p.frame.OpCode.IsControl():
	case p.message == OpText && !p.packed && !p.text.accept(part):
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
		return Event{Op: p.frame.OpCode, Payload: p.control[:p.got]}, true, nil
	}
	if !p.frame.Fin {
		return Event{}, false, nil
	}
	if !p.text.complete() {
		return Event{}, false, invalidUTF8("the text")
	}
	ev := Event{Op: p.message, Packed: p.packed}
	p.message, p.packed = OpContinuation, false
	if p.body != nil {
		ev.Payload = p.body.bytes
	}
	return ev, true, nil
}
