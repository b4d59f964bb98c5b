package protocol

import "bytes"

// parseField reads one header line (RFC 9112 §5) and notes what it says, if it matters here.
func (h *Handshake) parseField(line []byte) *Refusal {
	if line[0] == ' ' || line[0] == '\t' {
		return badRequest("a header is continued on a second line; put it on one (RFC 9112 §5.2)")
	}
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || !consistsOf(line[:colon], inToken) {
		return badRequest("a header must be: name, colon, value, without a space before the colon")
	}
	value := trim(line[colon+1:])
	if !consistsOf(value, inValue) {
		return badRequest("a header contains a control character")
	}
	h.note(line[:colon], value)
	return nil
}

// note tells headers apart by length first: most are none of ours.
func (h *Handshake) note(name, value []byte) {
	switch len(name) {
	case len("host"):
		if equalFold(name, "host") {
			h.hosts.add(value)
		}
	case len("origin"):
		if equalFold(name, "origin") {
			h.origins.add(value)
		}
	case len("upgrade"):
		if equalFold(name, "upgrade") {
			h.upgrade = h.upgrade || hasElement(value, "websocket")
		}
	case len("forwarded"):
		h.Forwarded = h.Forwarded || equalFold(name, "forwarded")
	case len("connection"):
		if equalFold(name, "connection") {
			h.connection = h.connection || hasElement(value, "upgrade")
		}
	case len("authorization"):
		if equalFold(name, "authorization") {
			h.authorizations.add(value)
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			h.lengths.add(value)
		}
	case len("transfer-encoding"):
		h.encoded = h.encoded || equalFold(name, "transfer-encoding")
	}
	h.noteLong(name, value)
}

// noteLong tells apart the headers whose names are a prefix and more.
func (h *Handshake) noteLong(name, value []byte) {
	const forwarded, webSocket = "x-forwarded-", "sec-websocket-"
	switch {
	case len(name) > len(forwarded) && equalFold(name[:len(forwarded)], forwarded):
		h.Forwarded = true
		if equalFold(name[len(forwarded):], "for") {
			h.forwardedFor = append(h.forwardedFor, value)
		}
	case len(name) > len(webSocket) && equalFold(name[:len(webSocket)], webSocket):
		h.noteWebSocket(name[len(webSocket):], value)
	}
}

func (h *Handshake) noteWebSocket(name, value []byte) {
	switch {
	case equalFold(name, "key"):
		h.keys.add(value)
	case equalFold(name, "version"):
		h.versions.add(value)
		h.otherVersion = h.otherVersion || string(value) != "13"
	case equalFold(name, "protocol"):
		h.noteSubprotocols(value)
	case equalFold(name, "extensions"):
		h.Extensions = append(h.Extensions, value)
	}
}

// noteSubprotocols reads offered subprotocols (RFC 6455 §4.1). Beside "momentum" a client may offer its token,
// as that is the one header a browser lets a page fill.
func (h *Handshake) noteSubprotocols(list []byte) {
	for len(list) > 0 {
		var element []byte
		element, list = cutElement(list)
		switch {
		case len(element) == 0:
		case !consistsOf(element, inToken):
			h.badSubprotocol = true
		case string(element) == Subprotocol:
			h.subprotocol = true
		case h.beside == nil:
			h.beside = element
		}
	}
}

// hasElement reports whether a comma-separated list has the word, in any case.
func hasElement(list []byte, lower string) bool {
	for len(list) > 0 {
		var element []byte
		if element, list = cutElement(list); equalFold(element, lower) {
			return true
		}
	}
	return false
}

// field is a header that may come once: its first value, and how often it came.
type field struct {
	value []byte
	count int
}

func (f *field) add(value []byte) {
	if f.count == 0 {
		f.value = value
	}
	f.count++
}
