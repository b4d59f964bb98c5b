package load

// fault is the reason for which a client fails a connection (RFC 6455 §7.1.7).
type fault struct {
	kind      string // the key by which it is counted
	code      uint16 // of the close frame; 0 during a handshake, which has no frames yet
	tolerated bool   // RFC 6455 allows it, but this tool does not accept so much
}

// Close codes of RFC 6455 §7.4.1 that this tool sends. It also returns the code of the server's close frame, if that is
// valid.
const (
	closeNormal        = 1000
	closeProtocolError = 1002
	closeInvalidData   = 1007
	closeTooBig        = 1009
)

func broken(kind string) *fault { return &fault{kind: kind, code: closeProtocolError} }

// Faults of a 101 (RFC 6455 §4.1, "If the response includes").
var (
	wrongVersion     = &fault{kind: "101 that is not HTTP/1.1"}
	wrongHeader      = &fault{kind: "101 with a malformed header"}
	wrongUpgrade     = &fault{kind: "101 without Upgrade: websocket"}
	wrongConnection  = &fault{kind: "101 without Connection: Upgrade"}
	wrongAccept      = &fault{kind: "101 without one Sec-WebSocket-Accept that answers the key"}
	wrongExtension   = &fault{kind: "101 with an extension that was not offered"}
	wrongSubprotocol = &fault{kind: "101 with a subprotocol that was not offered"}
)

// Faults of frames (RFC 6455 §5, §7.4 and §8.1).
var (
	reservedBits       = broken("frame with reserved bits")
	reservedOpcode     = broken("frame with a reserved opcode")
	maskedFrame        = broken("masked frame")
	fragmentedControl  = broken("control frame in fragments")
	longControl        = broken("control frame of more than 125 bytes")
	longLength         = broken("frame whose length is not in its shortest form")
	negativeLength     = broken("frame whose length has its top bit set")
	strayContinuation  = broken("continuation frame without a message")
	interruptedMessage = broken("message inside a fragmented message")
	dataAfterClose     = broken("data frame after the close frame")
	shortClose         = broken("close frame with a payload of one byte")
	wrongCloseCode     = broken("close frame with a code that must not be sent")
	invalidReason      = &fault{kind: "close frame whose reason is not UTF-8", code: closeInvalidData}
	invalidText        = &fault{kind: "text that is not UTF-8", code: closeInvalidData}

	tooLong = &fault{kind: "message of more than 1 MiB, which this tool does not take", code: closeTooBig, tolerated: true}
)
