package protocol

import (
	"encoding/base64"
	"net/http"
)

// Subprotocol is the one that is selected, if it was offered.
const Subprotocol = "momentum"

// Handshake is a parsed HTTP request head. It is reusable; all its slices alias the head, except a token that
// had to be percent-decoded.
type Handshake struct {
	Path, Query []byte // of the request target, as sent
	Host        []byte // of an absolute target, else of the Host header (RFC 9112 §3.2.2)
	Origin      []byte // nil if absent: not a browser
	Upgrade     bool   // a valid WebSocket upgrade; false: a plain HTTP request, for net/http
	Forwarded   bool   // came through a proxy: Forwarded or X-Forwarded-* is present

	// Extensions are the values of Sec-WebSocket-Extensions, in order of preference; see NegotiateDeflate.
	Extensions [][]byte

	forwardedFor [][]byte // the values of X-Forwarded-For, in order; see Client

	// The request line.
	method, authority []byte
	http10            bool

	// What the headers said.
	hosts, origins, keys, versions, authorizations, lengths field
	upgrade, connection                                     bool // the word was in the list
	encoded                                                 bool // Transfer-Encoding is present
	otherVersion                                            bool // some Sec-WebSocket-Version was not 13
	subprotocol                                             bool // "momentum" is offered
	badSubprotocol                                          bool
	beside                                                  []byte // what is offered beside "momentum"

	token   []byte
	decoded []byte // a percent-decoded token; kept for its memory
}

// Parse reads a request head: exactly its bytes, blank line included, with perhaps an empty line in front. A head that is lexically broken is
// refused whatever it asks for, so that net/http and this parser never see two different requests. One that
// asks for a WebSocket must keep all of RFC 6455 §4.2.1. After nil, check Upgrade.
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
			return h.judge(rest)
		}
		refusal = h.parseField(line)
	}
	return refusal
}

// judge decides what the request is once all of it is read.
func (h *Handshake) judge(behind []byte) *Refusal {
	if len(behind) > 0 {
		return badRequest("bytes behind the blank line")
	}
	if h.hosts.count > 1 || h.hosts.count == 0 && !h.http10 || len(h.hosts.value) > 0 && !validHost(h.hosts.value) {
		return badRequest("the Host header must be there once and name a host (RFC 9112 §3.2)")
	}
	h.Host, h.Origin = h.hosts.value, h.origins.value
	if h.authority != nil {
		h.Host = h.authority
	}
	// A key or a version without Upgrade is a WebSocket request that a proxy has cut; the refusal says so.
	if !h.upgrade && h.keys.count == 0 && h.versions.count == 0 {
		return nil
	}
	if refusal := h.judgeUpgrade(); refusal != nil {
		refusal.NameVersion = h.otherVersion || h.versions.count != 1
		return refusal
	}
	if refusal := h.findToken(); refusal != nil {
		return refusal
	}
	h.Upgrade = true
	return nil
}

// judgeUpgrade applies RFC 6455 §4.2.1, and refuses a body, behind which no frame could be found.
func (h *Handshake) judgeUpgrade() *Refusal {
	switch {
	case string(h.method) != http.MethodGet:
		return badUpgrade("a WebSocket request must use GET")
	case h.http10:
		return badUpgrade("a WebSocket request must use HTTP/1.1; a proxy in between may need to be told so")
	case h.announcesBody():
		return badUpgrade("a WebSocket request has no body: leave out Transfer-Encoding, and Content-Length or make it 0")
	case !h.upgrade:
		return badUpgrade("the header Upgrade: websocket is missing; a proxy in between must pass it on")
	case !h.connection:
		return badUpgrade("the header Connection: Upgrade is missing; a proxy in between must pass it on")
	case h.otherVersion:
		return &Refusal{
			Status: http.StatusUpgradeRequired, Code: "unsupported_version",
			Message: "use Sec-WebSocket-Version: 13",
		}
	case h.versions.count != 1:
		return badUpgrade("the header Sec-WebSocket-Version: 13 must be there once")
	case h.keys.count != 1 || !validKey(h.keys.value):
		return badUpgrade("the header Sec-WebSocket-Key must be there once, with 16 bytes in base64")
	case len(h.Host) == 0:
		return badUpgrade("the Host header is empty")
	case h.origins.count > 1 || h.origins.count > 0 && len(h.Origin) == 0:
		return badUpgrade("the Origin header must not be there twice, nor be empty")
	case h.badSubprotocol:
		return badUpgrade("Sec-WebSocket-Protocol must be a list of names, separated by commas")
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
