package load

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxAnswerBytes bounds the answer to a handshake, refusals with their body included.
const maxAnswerBytes = 64 << 10

// upgrade is the request, but for the token, and what the answer must have in it. One key serves a whole run: the
// answer to it still shows that the server computed one, and hashing is not what is measured.
type upgrade struct {
	before, after []byte
	accept        []byte
}

func newUpgrade(to *target, nonce [16]byte) *upgrade {
	key := base64.StdEncoding.EncodeToString(nonce[:])
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455 §4.2.2
	return &upgrade{
		before: fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nAuthorization: Bearer ", to.path, to.host, key),
		after:  []byte("\r\n\r\n"),
		accept: []byte(base64.StdEncoding.EncodeToString(sum[:])),
	}
}

func (u *upgrade) appendRequest(dst []byte, token string) []byte {
	dst = append(dst, u.before...)
	dst = append(dst, token...)
	return append(dst, u.after...)
}

// admitted says whether data begins with the whole 101 that answers the request, and where the frames begin.
func (u *upgrade) admitted(data []byte) (size int, ok bool, err error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 || !bytes.HasPrefix(data, []byte("HTTP/1.1 101 ")) {
		return 0, false, nil
	}
	if !bytes.Contains(data[:end], u.accept) {
		return 0, false, fmt.Errorf("the 101 has no Sec-WebSocket-Accept that answers our key")
	}
	return end + 4, true, nil
}

// refusal is an answer that is no 101.
type refusal struct {
	status int
	code   string        // the "error" of its body; may be empty
	after  time.Duration // Retry-After; negative: it says nothing
}

// String is how refusals are counted.
func (r refusal) String() string {
	if r.code == "" {
		return strconv.Itoa(r.status)
	}
	return fmt.Sprintf("%d %s", r.status, r.code)
}

// again says whether the same request may be answered otherwise later.
func (r refusal) again() bool {
	return r.status == http.StatusTooManyRequests || r.status == http.StatusRequestTimeout || r.status >= 500 || r.after >= 0
}

// readRefusal reads an answer once all of it is there. ended means that no more is coming, so that what is there
// has to do.
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
	_ = json.Unmarshal(body, &named) // other servers and proxies refuse in other words
	return refusal{answer.StatusCode, named.Error, retryAfter(answer.Header.Get("Retry-After"), now)}, true, nil
}

// retryAfter reads either form of RFC 9110 §10.2.3, and returns -1 for none.
func retryAfter(value string, now time.Time) time.Duration {
	seconds, err := strconv.ParseUint(value, 10, 64) // out of range it is the largest
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return min(time.Duration(min(seconds, uint64(longestWait/time.Second)))*time.Second, longestWait)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), longestWait)
	}
	return -1
}
