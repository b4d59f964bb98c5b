package protocol

import (
	"crypto/sha1"
	"encoding/base64"
)

// acceptGUID is appended to the key to show that this server speaks WebSocket (RFC 6455 §1.3).
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// AppendAccept appends the 101 response to a request for which Parse set Upgrade (RFC 6455 §4.2.2). A token that was
// offered as a subprotocol is never repeated. agreed is the result of NegotiateDeflate, or zero.
func (h *Handshake) AppendAccept(dst []byte, agreed Deflate) []byte {
	var text [keyChars + len(acceptGUID)]byte
	copy(text[:], h.keys.value)
	copy(text[keyChars:], acceptGUID)
	sum := sha1.Sum(text[:])
	dst = append(dst, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"...)
	dst = append(dst, "Sec-WebSocket-Accept: "...)
	dst = base64.StdEncoding.AppendEncode(dst, sum[:])
	if h.subprotocol {
		dst = append(dst, "\r\nSec-WebSocket-Protocol: "+Subprotocol...)
	}
	dst = agreed.appendResponse(dst)
	return append(dst, "\r\n\r\n"...)
}
