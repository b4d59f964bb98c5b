package protocol

import (
	"net/http"
	"strconv"
)

// Refusal is the HTTP response to a request that does not become a WebSocket connection.
type Refusal struct {
	Status    int    // HTTP status
	Code      string // for programs, in snake_case
	Message   string // for people: how to correct it
	NoContent bool   // it answers HEAD: only headers are sent (RFC 9110 §9.3.2)

	// NameVersion adds Sec-WebSocket-Version with the version that the server speaks, because the request's was missing or
	// wrong (RFC 6455 §4.2.2, §4.4).
	NameVersion bool

	// Headers are more headers, such as those of AppendReadable.
	Headers []byte
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

func badRequest(message string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "bad_request", Message: message}
}

func badUpgrade(message string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "bad_upgrade", Message: message}
}

func badToken(code, message string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: code, Message: message}
}

// AppendRefusal appends the complete HTTP/1.1 response. If retryAfterSeconds is above 0, it says when the client may try
// again. A status that HTTP defines together with a header gets that header: 401 (RFC 9110 §15.5.2), 405 (§15.5.6), 426
// (§15.5.22).
func AppendRefusal(dst []byte, r *Refusal, retryAfterSeconds int) []byte {
	dst = appendStatus(dst, r.Status)
	switch r.Status {
	case http.StatusUnauthorized:
		dst = append(dst, "WWW-Authenticate: Bearer\r\nConnection: close\r\n"...)
	case http.StatusMethodNotAllowed:
		dst = append(dst, "Allow: GET\r\nConnection: close\r\n"...)
	case http.StatusUpgradeRequired:
		dst = append(dst, "Upgrade: websocket\r\nConnection: close, Upgrade\r\n"...)
	default:
		dst = append(dst, "Connection: close\r\n"...)
	}
	if r.NameVersion {
		dst = append(dst, "Sec-WebSocket-Version: 13\r\n"...)
	}
	if retryAfterSeconds > 0 {
		dst = append(dst, "Retry-After: "...)
		dst = strconv.AppendInt(dst, int64(retryAfterSeconds), 10)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, r.Headers...)
	var room [512]byte // on the stack; the messages here are shorter
	return appendBody(dst, appendRefusalBody(room[:0], r), r.NoContent)
}

// AppendResponse appends a complete HTTP/1.1 response that ends the connection. body is JSON; noContent, for a HEAD
// request, sends only its length.
func AppendResponse(dst []byte, status int, body []byte, noContent bool) []byte {
	return appendBody(append(appendStatus(dst, status), "Connection: close\r\n"...), body, noContent)
}

func appendStatus(dst []byte, status int) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, http.StatusText(status)...)
	return append(dst, "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"...)
}

func appendBody(dst, body []byte, noContent bool) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	if noContent {
		return dst
	}
	return append(dst, body...)
}

func appendRefusalBody(dst []byte, r *Refusal) []byte {
	dst = append(dst, `{"error":`...)
	dst = AppendString(dst, r.Code)
	dst = append(dst, `,"message":`...)
	dst = AppendString(dst, r.Message)
	return append(dst, '}')
}
