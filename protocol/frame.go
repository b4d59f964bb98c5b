package protocol

import (
	"encoding/binary"
	"math"

	"github.com/gobwas/ws"
)

// Limits bounds what a client may send. A compressed frame or message may be as long as compressedLimit says.
type Limits struct {
	Frame   int  // payload bytes of one frame
	Message int  // payload bytes of one message, all its fragments together
	Deflate bool // permessage-deflate was negotiated: messages may be compressed

	Fragments int // frames of one message; 0: any number
}

// compressedLimit is how long a message of size bytes may become when it is compressed. Deflate makes data longer if it
// cannot compress it: by at most an eighth with the fixed codes, nine bits for each byte (RFC 1951 §3.2.6), and by less
// with stored blocks. The rest is for the ends of blocks in a short message.
func compressedLimit(size int) int { return size + size/8 + 64 }

// rsv1 marks a compressed message, in the first byte of its first frame (RFC 7692 §6).
const rsv1 = 0x40

// messageState describes a message of which some frames have arrived. The zero value is no message.
type messageState struct {
	inProgress bool
	compressed bool
	size       int // bytes
	fragments  int // frames
}

// parseHeader reads a frame header from the start of b and checks it as far as it has arrived: a client that does not
// mask its frames is told so before its mask would have arrived. n is the header's length, 0 while incomplete.
func parseHeader(b []byte, message messageState, lim *Limits) (h ws.Header, n int, closeErr *CloseError) {
	if len(b) < ws.MinHeaderSize {
		return h, 0, nil
	}
	h.Fin, h.Rsv, h.OpCode = b[0]&0x80 != 0, b[0]>>4&7, ws.OpCode(b[0]&0xf)
	h.Masked, h.Length = b[1]&0x80 != 0, int64(b[1]&0x7f)
	if closeErr := checkHeader(h, message.inProgress, lim); closeErr != nil {
		return h, 0, closeErr
	}
	n, closeErr = parseLength(b, &h)
	if n == 0 || closeErr != nil {
		return h, 0, closeErr
	}
	if closeErr := checkLength(h, message, lim); closeErr != nil || len(b) < n+len(h.Mask) {
		return h, 0, closeErr
	}
	n += copy(h.Mask[:], b[n:])
	return h, n, nil
}

// checkHeader applies the rules of §5.1, §5.2, §5.4 and §5.5 that need only the first two bytes. Length is still the
// seven bits of the second byte, where 126 and 127 are already too long for a control frame.
//
// Any reserved bit is a protocol error unless an extension was negotiated (§5.2). permessage-deflate allows RSV1, on the
// first frame of a message only (RFC 7692 §6).
func checkHeader(h ws.Header, inMessage bool, lim *Limits) *CloseError {
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

// parseLength reads the extended payload length (§5.2) into h and returns how many bytes of b the header has up to
// there, 0 while incomplete. A length must be in its shortest form and below 2⁶³.
func parseLength(b []byte, h *ws.Header) (n int, closeErr *CloseError) {
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

// checkLength refuses a frame or a message that is too large before any of its payload is read. It also refuses a message
// that never ends: its empty frames add nothing to its size.
func checkLength(h ws.Header, message messageState, lim *Limits) *CloseError {
	maxFrame, maxMessage := lim.Frame, lim.Message
	if h.Rsv != 0 || message.compressed {
		maxFrame, maxMessage = compressedLimit(maxFrame), compressedLimit(maxMessage)
	}
	switch {
	case h.OpCode.IsControl():
		return nil
	case h.Length > int64(maxFrame):
		return &CloseError{Code: StatusMessageTooBig, Reason: "frame too big: send smaller messages"}
	case h.Length > int64(maxMessage-message.size):
		return &CloseError{Code: StatusMessageTooBig, Reason: "message too big: send smaller messages"}
	case h.OpCode == OpContinuation && message.fragments == lim.Fragments && lim.Fragments > 0:
		return &CloseError{Code: StatusPolicyViolation, Reason: "too many fragments: send larger ones"}
	}
	return nil
}
