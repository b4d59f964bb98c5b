package protocol

import "bytes"

// parseField reads one header line (RFC 9112 §5) and records the headers that matter here.
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
	h.record(line[:colon], value)
	return nil
}

// record stores a header's value if it matters here. It compares lengths first, because most headers do not.
func (h *Handshake) record(name, value []byte) {
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
	case len("traceparent"):
		h.recordParent(name, value)
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
	h.recordLong(name, value)
}

// recordParent records the trace that a proxy has begun (W3C Trace Context). If there are several, the last one counts.
func (h *Handshake) recordParent(name, value []byte) {
	if equalFold(name, "traceparent") {
		h.Traceparent = value
	}
}

// recordLong records headers whose names begin with a common prefix.
func (h *Handshake) recordLong(name, value []byte) {
	const forwarded, webSocket = "x-forwarded-", "sec-websocket-"
	switch {
	case len(name) > len(forwarded) && equalFold(name[:len(forwarded)], forwarded):
		h.Forwarded = true
		if equalFold(name[len(forwarded):], "for") {
			h.forwardedFor = append(h.forwardedFor, value)
		}
	case len(name) > len(webSocket) && equalFold(name[:len(webSocket)], webSocket):
		h.recordWebSocket(name[len(webSocket):], value)
	}
}

func (h *Handshake) recordWebSocket(name, value []byte) {
	switch {
	case equalFold(name, "key"):
		h.keys.add(value)
	case equalFold(name, "version"):
		h.versions.add(value)
		h.wrongVersion = h.wrongVersion || string(value) != "13"
	case equalFold(name, "protocol"):
		h.recordSubprotocols(value)
	case equalFold(name, "extensions"):
		h.Extensions = append(h.Extensions, value)
	}
}

// recordSubprotocols reads the offered subprotocols (RFC 6455 §4.1). Next to "momentum" a client may offer its token,
// because this is the only header that a browser lets a page set.
func (h *Handshake) recordSubprotocols(list []byte) {
	for len(list) > 0 {
		var element []byte
		element, list = cutElement(list)
		switch {
		case len(element) == 0:
		case !consistsOf(element, inToken):
			h.badSubprotocol = true
		case string(element) == Subprotocol:
			h.subprotocol = true
		case h.offeredToken == nil:
			h.offeredToken = element
		}
	}
}

// hasElement reports whether a comma-separated list has the word, in upper or lower case.
func hasElement(list []byte, lower string) bool {
	for len(list) > 0 {
		var element []byte
		if element, list = cutElement(list); equalFold(element, lower) {
			return true
		}
	}
	return false
}

// field is a header that may come only once: its first value, and how often it came.
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
