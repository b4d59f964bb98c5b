package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRefusalBytes bounds the body of a refusal that is read.
const maxRefusalBytes = 1 << 10

// Refusal is an HTTP answer that refuses a handshake.
type Refusal struct {
	Status     int
	Code       string        // "busy"; "http:502" if the answer has none
	Message    string        // what to do about it, or the answer's body
	RetryAfter time.Duration // negative: the server has not named a time
}

// Error returns status, code and message.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status))
	if r.RetryAfter >= 0 {
		text += fmt.Sprintf(" (try again after %.0f seconds)", r.RetryAfter.Seconds())
	}
	if !strings.HasPrefix(r.Code, "http:") {
		text += ": " + r.Code
	}
	if r.Message != "" {
		text += ": " + r.Message
	}
	return text
}

// readRefusal reads an answer that is not 101.
func readRefusal(answer *http.Response, now time.Time) *Refusal {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxRefusalBytes)) // part of it is better than nothing
	r := &Refusal{Status: answer.StatusCode, RetryAfter: retryAfter(answer.Header, now)}
	var said struct{ Error, Message string }
	if json.Unmarshal(body, &said) == nil && said.Error != "" {
		r.Code, r.Message = said.Error, said.Message
	} else {
		r.Code, r.Message = "http:"+strconv.Itoa(r.Status), strings.TrimSpace(string(body))
	}
	return r
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3). It is negative if there is neither.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if d, ok := seconds(value); ok {
		return d
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return -1
}

// seconds reads a whole number of seconds of any length. Above 63 years it is cut to that.
func seconds(digits string) (time.Duration, bool) {
	const most = 2e9
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // of which n is the highest
		return 0, false
	}
	return time.Duration(min(n, most)) * time.Second, true
}

// ending says what follows from the refusal.
func (r *Refusal) ending() ending {
	e := ending{why: r.Code, err: r, named: -1}
	if r.RetryAfter > 0 {
		e.named = r.RetryAfter
	}
	switch {
	case r.Status == http.StatusUnauthorized:
		e.course = renew
		if r.Code == "token_key_unknown" {
			e.course = renewOrRetry
		}
	case r.isFinal():
		e.course = final
	}
	return e
}

// isFinal reports whether the same request would be refused again. A server that names a time asks the client to come back, with any status.
func (r *Refusal) isFinal() bool {
	switch r.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusUpgradeRequired, http.StatusRequestHeaderFieldsTooLarge, http.StatusHTTPVersionNotSupported:
		return r.RetryAfter <= 0
	}
	return false
}
