package protocol

import (
	"encoding/binary"
	"math"

	"github.com/gobwas/ws"
)

// Limits bounds what a client may send. Compressed, a frame or a message may be as long as packedBytes says.
type Limits struct {
	Frame   int  // payload bytes of one frame
	Message int  // payload bytes of one message, all its fragments together
	Deflate bool // permessage-deflate is agreed: messages may come compressed

	Fragments int // frames of one message; 0: any number
}

// packedBytes is how long a message of so many bytes may become when it is compressed. Deflate makes what it cannot
// compress longer: with the fixed codes by an eighth at the worst, nine bits for each byte (RFC 1951 §3.2.6), with
// stored blocks by less. The rest is for the ends of blocks in a short message.
func packedBytes(size int) int { return size + size/8 + 64 }

// rsv1 marks a compressed message, in the first byte of its first frame (RFC 7692 §6).
const rsv1 = 0x40

// parseHeader reads a frame header from the start of b and judges it, as far as it has arrived: a client that
// does not mask is told so without waiting for the mask. n is the header's length, 0 while incomplete.
// p has the message in progress, or is nil.
func parseHeader(b []byte, p *partial, lim *Limits) (h ws.Header, n int, offence *CloseError) {
	if len(b) < ws.MinHeaderSize {
		return h, 0, nil
	}
	h.Fin, h.Rsv, h.OpCode = b[0]&0x80 != 0, b[0]>>4&7, ws.OpCode(b[0]&0xf)
	h.Masked, h.Length = b[1]&0x80 != 0, int64(b[1]&0x7f)
	if offence := judgeHeader(h, p.size() >= 0, lim); offence != nil {
		return h, 0, offence
	}
	n, offence = parseLength(b, &h)
	if n == 0 || offence != nil {
		return h, 0, offence
	}
	if offence := judgeLength(h, p, lim); offence != nil || len(b) < n+len(h.Mask) {
		return h, 0, offence
	}
	n += copy(h.Mask[:], b[n:])
	return h, n, nil
}

// judgeHeader applies the rules of §5.1, §5.2, §5.4 and §5.5 that two bytes are enough for. Length is still
// the seven bits of the second byte, where 126 and 127 are already too long for a control frame.
//
// Any reserved bit is an offence while no extension is agreed (§5.2). permessage-deflate lets RSV1 pass, on the
// first frame of a message only (RFC 7692 §6).
func judgeHeader(h ws.Header, inMessage bool, lim *Limits) *CloseError {
	state := ws.StateServerSide
	if lim.Deflate && h.Rsv == rsv1>>4 && (h.OpCode == OpText || h.OpCode == OpBinary) {
		h.Rsv = 0
	}
	if h.Rsv != 0 {
		return protocolError("a reserved bit is set that means nothing here")
	}
	if inMessage {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return protocolError(err.Error())
	}
	return nil
}

// parseLength reads the extended payload length (§5.2) into h and returns how many bytes of b the header has
// up to there, 0 while incomplete. A length must be in the shortest form, and below 2⁶³.
func parseLength(b []byte, h *ws.Header) (n int, offence *CloseError) {
	var shortest int64
	switch h.Length {
	case 126:
		if len(b) < 4 {
			return 0, nil
		}
		n, shortest, h.Length = 4, 126, int64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if len(b) < 10 {
			return 0, nil
		}
		n, shortest, h.Length = 10, math.MaxUint16+1, int64(binary.BigEndian.Uint64(b[2:]))
	default:
		return 2, nil
	}
	if h.Length < 0 {
		return 0, protocolError("the top bit of a frame length must be 0")
	}
	if h.Length < shortest {
		return 0, protocolError("a frame length must be in its shortest form")
	}
	return n, nil
}

// judgeLength refuses a frame or a message for its size before any of the payload is read, and a message that never
// ends: its empty frames add nothing to its size.
func judgeLength(h ws.Header, p *partial, lim *Limits) *CloseError {
	frame, message := lim.Frame, lim.Message
	if h.Rsv != 0 || p.inPacked() {
		frame, message = packedBytes(frame), packedBytes(message)
	}
	switch {
	case h.OpCode.IsControl():
		return nil
	case h.Length > int64(frame):
		return &CloseError{Code: StatusMessageTooBig, Reason: "frame too big: send smaller messages"}
	case h.Length > int64(message-max(p.size(), 0)):
		return &CloseError{Code: StatusMessageTooBig, Reason: "message too big: send smaller messages"}
	case h.OpCode == OpContinuation && p.fragments == lim.Fragments && lim.Fragments > 0:
		return &CloseError{Code: StatusPolicyViolation, Reason: "too many fragments: send larger ones"}
	}
	return nil
}
