package load

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxAnswerBytes bounds the answer to a handshake, body included.
const maxAnswerBytes = 64 << 10

// refusal is an HTTP answer other than 101.
type refusal struct {
	status     int
	code       string        // "error" of the JSON body; may be empty
	retryAfter time.Duration // negative: there is no Retry-After
}

// String is the key by which refusals are counted.
func (r refusal) String() string {
	if r.code == "" {
		return strconv.Itoa(r.status)
	}
	return fmt.Sprintf("%d %s", r.status, r.code)
}

// retryable reports whether the same request may be answered differently later.
func (r refusal) retryable() bool {
	return r.status == http.StatusTooManyRequests || r.status == http.StatusRequestTimeout || r.status >= 500 || r.retryAfter >= 0
}

// readRefusal reads an answer once it is complete. If ended is true, no more data will come, and an incomplete body is
// enough.
func readRefusal(data []byte, ended bool, now time.Time) (r refusal, ok bool, err error) {
	if len(data) > maxAnswerBytes {
		return r, false, fmt.Errorf("the answer to the handshake is longer than %d bytes", maxAnswerBytes)
	}
	if !bytes.Contains(data, []byte("\r\n\r\n")) && !ended {
		return r, false, nil
	}
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(data)), nil)
	if err != nil {
		return r, false, fmt.Errorf("the answer to the handshake is not HTTP: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil && !ended {
		return r, false, nil
	}
	var named struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(body, &named) // other servers and proxies have other bodies
	return refusal{answer.StatusCode, named.Error, retryAfter(answer.Header.Get("Retry-After"), now)}, true, nil
}

// retryAfter reads either form of Retry-After (RFC 9110 §10.2.3), and returns -1 if it is neither.
func retryAfter(value string, now time.Time) time.Duration {
	seconds, err := strconv.ParseUint(value, 10, 64) // out of range, it returns the largest number
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return min(time.Duration(min(seconds, uint64(maxRetryAfter/time.Second)))*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return -1
}
