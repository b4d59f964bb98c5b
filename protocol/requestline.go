package protocol

import (
	"bytes"
	"net/http"
)

// parseRequestLine reads method, target and version with single spaces between them (RFC 9112 §3).
func (h *Handshake) parseRequestLine(line []byte) *Refusal {
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first <= 0 || first == last {
		return badRequest("the request line must be: method, space, target, space, version")
	}
	h.method = line[:first]
	if !consistsOf(h.method, inToken) {
		return badRequest("the method contains a character that is not allowed")
	}
	if refusal := h.parseVersion(line[last+1:]); refusal != nil {
		return refusal
	}
	return h.parseTarget(line[first+1 : last])
}

// parseVersion accepts HTTP/1.x: a higher minor version is treated as the highest known one (RFC 9110 §2.5).
func (h *Handshake) parseVersion(version []byte) *Refusal {
	if len(version) != len("HTTP/1.1") || string(version[:5]) != "HTTP/" ||
		!isDigit(version[5]) || version[6] != '.' || !isDigit(version[7]) {
		return badRequest("the request line must end in HTTP/1.1")
	}
	if version[5] != '1' {
		return &Refusal{
			Status: http.StatusHTTPVersionNotSupported, Code: "unsupported_http_version",
			Message: "use HTTP/1.1",
		}
	}
	h.http10 = version[7] == '0'
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// parseTarget accepts the origin form and the absolute form (RFC 9112 §3.2.1 and §3.2.2). The other two, "*" and the form
// of CONNECT, name nothing on this server.
func (h *Handshake) parseTarget(target []byte) *Refusal {
	if !consistsOf(target, inTarget) {
		return badRequest("the request target contains a character that is not allowed; percent-encode it")
	}
	if len(target) == 0 || target[0] != '/' {
		if target = h.cutAuthority(target); target == nil {
			return badRequest("the request target must be a path, or an http or https URL")
		}
	}
	h.Path = target
	if mark := bytes.IndexByte(target, '?'); mark >= 0 {
		h.Path, h.Query = target[:mark], target[mark+1:]
	}
	if len(h.Path) == 0 {
		h.Path = []byte("/")
	}
	return nil
}

// cutAuthority removes scheme and host from an absolute target. It returns nil if target is not absolute, and otherwise
// the rest, which may be empty but is not nil.
func (h *Handshake) cutAuthority(target []byte) []byte {
	colon := bytes.Index(target, []byte("://"))
	if colon < 0 || !equalFold(target[:colon], "http") && !equalFold(target[:colon], "https") {
		return nil
	}
	rest := target[colon+len("://"):]
	end := bytes.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if !validHost(rest[:end]) {
		return nil
	}
	h.authority = rest[:end]
	return rest[end:]
}
