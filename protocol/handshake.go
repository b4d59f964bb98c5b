package protocol

import (
	"encoding/base64"
	"net/http"
)

// Subprotocol is the subprotocol that the server selects if the client offers it.
const Subprotocol = "momentum"

// Handshake is a parsed HTTP request head. It can be reused. All its slices alias the head, except a token that had to be
// percent-decoded.
type Handshake struct {
	Path, Query []byte // of the request target, as sent
	Host        []byte // of an absolute target, else of the Host header (RFC 9112 §3.2.2)
	Origin      []byte // nil if absent: the client is not a browser
	Upgrade     bool   // a valid WebSocket upgrade; false: a plain HTTP request, for net/http
	Forwarded   bool   // Forwarded or X-Forwarded-* is present: the request came through a proxy

	Traceparent []byte // of a proxy that traces the request; nil if absent

	// Extensions are the values of Sec-WebSocket-Extensions, in order of preference; see NegotiateDeflate.
	Extensions [][]byte

	forwardedFor [][]byte // the values of X-Forwarded-For, in order; see Client

	// The request line.
	method, authority []byte
	http10            bool

	// The headers.
	hosts, origins, keys, versions, authorizations, lengths field
	upgrade, connection                                     bool // the header lists "websocket", "Upgrade"
	encoded                                                 bool // Transfer-Encoding is present
	wrongVersion                                            bool // a Sec-WebSocket-Version was not 13
	subprotocol                                             bool // "momentum" is offered
	badSubprotocol                                          bool
	offeredToken                                            []byte // the first subprotocol offered next to "momentum"

	token   []byte
	decoded []byte // a percent-decoded token; kept to reuse its memory
}

// Parse reads a request head: all of its bytes with the blank line at its end, and no more. One empty line may come before
// it. A head that is lexically malformed is refused whatever it asks for, so that net/http and this parser never read two
// different requests. A WebSocket request must follow all of RFC 6455 §4.2.1. If Parse returns nil, check Upgrade.
func (h *Handshake) Parse(head []byte) *Refusal {
	refusal := h.parse(head)
	if refusal != nil {
		refusal.NoContent = IsHead(head)
	}
	return refusal
}

func (h *Handshake) parse(head []byte) *Refusal {
	*h = Handshake{Extensions: h.Extensions[:0], forwardedFor: h.forwardedFor[:0], decoded: h.decoded[:0]}
	if len(head) > MaxHeadBytes {
		return HeadTooLong(head)
	}
	line, rest, refusal := cutLine(SkipEmptyLine(head))
	if refusal == nil {
		refusal = h.parseRequestLine(line)
	}
	for refusal == nil {
		if line, rest, refusal = cutLine(rest); refusal != nil {
			break
		}
		if len(line) == 0 {
			return h.finish(rest)
		}
		refusal = h.parseField(line)
	}
	return refusal
}

// finish checks the rules about the complete head, and decides whether the request asks for a WebSocket.
func (h *Handshake) finish(rest []byte) *Refusal {
	if len(rest) > 0 {
		return badRequest("bytes after the blank line")
	}
	if h.hosts.count > 1 || h.hosts.count == 0 && !h.http10 || len(h.hosts.value) > 0 && !validHost(h.hosts.value) {
		return badRequest("send the Host header once, with a host (RFC 9112 §3.2)")
	}
	h.Host, h.Origin = h.hosts.value, h.origins.value
	if h.authority != nil {
		h.Host = h.authority
	}
	// A key or a version without Upgrade is a WebSocket request from which a proxy has removed the header; the refusal says so.
	if !h.upgrade && h.keys.count == 0 && h.versions.count == 0 {
		return nil
	}
	if refusal := h.checkUpgrade(); refusal != nil {
		refusal.NameVersion = h.wrongVersion || h.versions.count != 1
		return refusal
	}
	if refusal := h.findToken(); refusal != nil {
		return refusal
	}
	h.Upgrade = true
	return nil
}

// checkUpgrade applies RFC 6455 §4.2.1.
func (h *Handshake) checkUpgrade() *Refusal {
	if string(h.method) != http.MethodGet {
		return badUpgrade("a WebSocket request must use GET")
	}
	if refusal := h.checkMessage(); refusal != nil {
		return refusal
	}
	switch {
	case !h.upgrade:
		return badUpgrade("the header Upgrade: websocket is missing; a proxy must pass it on")
	case !h.connection:
		return badUpgrade("the header Connection: Upgrade is missing; a proxy must pass it on")
	case h.wrongVersion:
		return &Refusal{
			Status: http.StatusUpgradeRequired, Code: "unsupported_version",
			Message: "use Sec-WebSocket-Version: 13",
		}
	case h.versions.count != 1:
		return badUpgrade("send the header Sec-WebSocket-Version: 13 once")
	case h.keys.count != 1 || !validKey(h.keys.value):
		return badUpgrade("send the header Sec-WebSocket-Key once, with 16 bytes in base64")
	}
	if refusal := h.checkOrigin(); refusal != nil {
		return refusal
	}
	if h.badSubprotocol {
		return badUpgrade("Sec-WebSocket-Protocol must be a list of names, separated by commas")
	}
	return nil
}

// checkMessage refuses HTTP/1.0, and a body: the server could not find the frames after it.
func (h *Handshake) checkMessage() *Refusal {
	switch {
	case h.http10:
		return badUpgrade("a WebSocket request must use HTTP/1.1; a proxy may have to be configured for it")
	case h.announcesBody():
		return badUpgrade("a WebSocket request has no body: leave out Transfer-Encoding, and Content-Length or make it 0")
	}
	return nil
}

// checkOrigin refuses a request whose Host or Origin does not say which site it is for, or comes from.
func (h *Handshake) checkOrigin() *Refusal {
	switch {
	case len(h.Host) == 0:
		return badUpgrade("the Host header is empty")
	case h.origins.count > 1 || h.origins.count > 0 && len(h.Origin) == 0:
		return badUpgrade("send the Origin header once and not empty, or leave it out")
	}
	return nil
}

// BodylessGet reports whether the request is a GET or a HEAD that announces no body.
func (h *Handshake) BodylessGet() bool {
	return !h.announcesBody() && (string(h.method) == http.MethodGet || string(h.method) == http.MethodHead)
}

// announcesBody reports whether the headers let a body follow. One Content-Length of 0 does not (RFC 9112 §6.3): some
// clients and proxies add it to every request.
func (h *Handshake) announcesBody() bool {
	return h.encoded || h.lengths.count > 1 || h.lengths.count == 1 && string(h.lengths.value) != "0"
}

const (
	nonceBytes = 16 // RFC 6455 §4.1
	keyChars   = (nonceBytes + 2) / 3 * 4
)

// validKey reports whether the key is 16 bytes in base64 (RFC 6455 §4.2.1 item 5).
func validKey(key []byte) bool {
	if len(key) != keyChars {
		return false
	}
	var nonce [keyChars / 4 * 3]byte
	n, err := base64.StdEncoding.Decode(nonce[:], key)
	return err == nil && n == nonceBytes
}
