package protocol

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

const (
	closeCodeBytes = 2 // a close frame's payload begins with its code (RFC 6455 §5.5.1)

	// MaxReasonBytes is how long the reason after the code of a close frame may be.
	MaxReasonBytes = ws.MaxControlFramePayloadSize - closeCodeBytes
)

// AppendClose appends a close frame. A reason that does not fit a control frame is cut between characters. The codes
// 1005, 1006 and 1015 stand for the lack of a code and must not be sent (RFC 6455 §7.4.1): with them the frame is empty.
func AppendClose(dst []byte, code StatusCode, reason string) []byte {
	if code == 0 || code.IsProtocolReserved() {
		return AppendHeader(dst, OpClose, 0)
	}
	if len(reason) > MaxReasonBytes {
		end := MaxReasonBytes
		for end > 0 && !utf8.RuneStart(reason[end]) {
			end--
		}
		reason = reason[:end]
	}
	dst = AppendHeader(dst, OpClose, closeCodeBytes+len(reason))
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, reason...)
}

// ParseClose reads the payload of a close frame (RFC 6455 §5.5.1, §7.4). The code of an empty payload is StatusNone.
func ParseClose(payload []byte) (code StatusCode, reason []byte, err *CloseError) {
	switch len(payload) {
	case 0:
		return StatusNone, nil, nil
	case 1:
		return 0, nil, protocolError("a close frame's payload begins with two bytes of code")
	}
	code, reason = StatusCode(binary.BigEndian.Uint16(payload)), payload[closeCodeBytes:]
	if !mayArrive(code) {
		return 0, nil, protocolError("this close code must not be sent")
	}
	if !utf8.Valid(reason) {
		return 0, nil, invalidUTF8("the close reason")
	}
	return code, reason, nil
}

// mayArrive reports whether a client may send the code: those that RFC 6455 §7.4.1 defines or that were registered
// later, without 1004 and the three that stand for the lack of a code, and those for libraries and applications.
func mayArrive(code StatusCode) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	}
	return false
}

// CloseReply returns the code that answers a peer's close frame: the same code (RFC 6455 §5.5.1), or none if it had none.
// 1010 says that a server lacks an extension, so a server cannot return it.
func CloseReply(code StatusCode) StatusCode {
	if code == StatusMandatoryExt {
		return StatusNormalClosure
	}
	return code
}
