package protocol

import "net/http"

// preflightSeconds is how long a browser may remember the answer to a preflight. Two hours is the most that Chromium
// accepts. Nothing depends on a shorter time: the inquiry itself is checked each time.
const preflightSeconds = "7200"

// Inquiry reports whether the request may ask how a handshake would be answered: a plain GET, or a HEAD. Browsers hide
// the answer to a handshake from pages, so a page asks for it this way.
func (h *Handshake) Inquiry() bool {
	return !h.Upgrade && (string(h.method) == http.MethodGet || string(h.method) == http.MethodHead)
}

// CheckInquiry checks an inquiry as Parse checks a handshake, without the headers of the WebSocket, and finds its token.
func (h *Handshake) CheckInquiry() *Refusal {
	refusal := h.checkMessage()
	if refusal == nil {
		refusal = h.checkOrigin()
	}
	if refusal == nil {
		refusal = h.findToken()
	}
	return refusal
}

// Preflight reports whether a browser asks if a page of Origin may send an inquiry with Authorization.
func (h *Handshake) Preflight() bool {
	return string(h.method) == http.MethodOptions && h.origins.count == 1 && !h.announcesBody()
}

// AppendReadable appends the headers that let pages of an origin read an answer and its Retry-After (Fetch standard,
// section 3.3.3).
func AppendReadable(dst, origin []byte) []byte {
	dst = append(append(dst, "Access-Control-Allow-Origin: "...), origin...)
	return append(dst, "\r\nVary: Origin\r\nAccess-Control-Expose-Headers: Retry-After\r\n"...)
}

// AppendYes appends the response to an inquiry: its handshake would be accepted. headers are those of AppendReadable, or
// none.
func AppendYes(dst, headers []byte) []byte { return appendNoContent(dst, headers) }

// AppendPreflight appends the response to a preflight for pages of an origin that may connect.
func AppendPreflight(dst, origin []byte) []byte {
	var room [256]byte // on the stack; an origin is shorter
	headers := append(append(room[:0], "Access-Control-Allow-Origin: "...), origin...)
	headers = append(headers, "\r\nVary: Origin\r\nAccess-Control-Allow-Methods: GET\r\n"...)
	headers = append(headers, "Access-Control-Allow-Headers: Authorization\r\nAccess-Control-Max-Age: "+preflightSeconds+"\r\n"...)
	return appendNoContent(dst, headers)
}

// appendNoContent appends a complete response that ends the connection. A 204 has no Content-Length (RFC 9110 §8.6).
func appendNoContent(dst, headers []byte) []byte {
	dst = append(dst, "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n"...)
	return append(append(dst, headers...), "Connection: close\r\n\r\n"...)
}
