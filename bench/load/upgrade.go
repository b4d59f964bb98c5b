package load

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
)

const (
	nonceBytes  = 16 // of a Sec-WebSocket-Key, before base64 (RFC 6455 §4.1)
	keyChars    = 24
	acceptChars = 28

	// acceptGUID is appended to the key before it is hashed (RFC 6455 §1.3).
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

type key [keyChars]byte

// upgrade makes the requests of a run's handshakes, and checks the 101 that answers one.
type upgrade struct {
	beforeKey, beforeToken, end []byte
	seed                        uint64
}

func newUpgrade(to *target, seed uint64) *upgrade {
	return &upgrade{
		beforeKey: fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ", to.path, to.host),
		beforeToken: []byte("\r\nAuthorization: Bearer "),
		end:         []byte("\r\n\r\n"),
		seed:        seed,
	}
}

// key is the Sec-WebSocket-Key of an attempt of a connection; each has its own. It is derived from the seed of the run,
// so that it need not be stored until the answer has arrived.
func (u *upgrade) key(connection int, attempt int32) (k key) {
	var random rand.PCG
	random.Seed(u.seed, uint64(connection)<<32|uint64(uint32(attempt)))
	var nonce [nonceBytes]byte
	binary.LittleEndian.PutUint64(nonce[:], random.Uint64())
	binary.LittleEndian.PutUint64(nonce[8:], random.Uint64())
	base64.StdEncoding.Encode(k[:], nonce[:])
	return k
}

// accept is the Sec-WebSocket-Accept that answers the key (RFC 6455 §4.2.2).
func (k key) accept() (accept [acceptChars]byte) {
	var text [keyChars + len(acceptGUID)]byte
	copy(text[:], k[:])
	copy(text[keyChars:], acceptGUID)
	sum := sha1.Sum(text[:])
	base64.StdEncoding.Encode(accept[:], sum[:])
	return accept
}

func (u *upgrade) appendRequest(dst []byte, k key, token string) []byte {
	dst = append(dst, u.beforeKey...)
	dst = append(dst, k[:]...)
	dst = append(dst, u.beforeToken...)
	dst = append(dst, token...)
	return append(dst, u.end...)
}

// read101 checks the 101 at the beginning of data, as RFC 6455 §4.1 asks a client to. size is where the frames begin.
// It is 0 while the 101 is incomplete, and if data is another answer.
func read101(data []byte, k key) (size int, bad *fault) {
	head, _, complete := bytes.Cut(data, []byte("\r\n\r\n"))
	status, header, _ := bytes.Cut(head, []byte("\r\n"))
	version, rest, _ := bytes.Cut(status, []byte(" "))
	number, _, _ := bytes.Cut(rest, []byte(" "))
	switch {
	case !complete || !bytes.HasPrefix(version, []byte("HTTP/")) || string(number) != "101":
		return 0, nil
	case string(version) != "HTTP/1.1":
		return 0, wrongVersion
	}
	return len(head) + len("\r\n\r\n"), checkHeader(header, k.accept())
}

// checkHeader checks the header fields of a 101.
func checkHeader(header []byte, accept [acceptChars]byte) *fault {
	upgrades, accepts, upgraded, accepted, connection := 0, 0, false, false, false
	for len(header) > 0 {
		var line []byte
		line, header, _ = bytes.Cut(header, []byte("\r\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isName(name) {
			return wrongHeader
		}
		value = bytes.Trim(value, " \t")
		switch {
		case foldedIs(name, "upgrade"):
			upgrades++
			upgraded = foldedIs(value, "websocket")
		case foldedIs(name, "connection"):
			connection = connection || hasToken(value, "upgrade")
		case foldedIs(name, "sec-websocket-accept"):
			accepts++
			accepted = bytes.Equal(value, accept[:])
		case foldedIs(name, "sec-websocket-extensions") && len(value) > 0:
			return wrongExtension
		case foldedIs(name, "sec-websocket-protocol") && len(value) > 0:
			return wrongSubprotocol
		}
	}
	switch {
	case upgrades != 1 || !upgraded:
		return wrongUpgrade
	case !connection:
		return wrongConnection
	case accepts != 1 || !accepted:
		return wrongAccept
	}
	return nil
}

// isName reports whether a header field may have the name: it must be a token (RFC 9110 §5.6.2).
func isName(name []byte) bool {
	for _, c := range name {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && c != '-' && strings.IndexByte("0123456789!#$%&'*+.^_`|~", c) < 0 {
			return false
		}
	}
	return len(name) > 0
}

// foldedIs reports whether text is want, which is in lower case, whatever the case of its ASCII letters.
func foldedIs(text []byte, want string) bool {
	if len(text) != len(want) {
		return false
	}
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != want[i] {
			return false
		}
	}
	return true
}

// hasToken reports whether a list has the token, which is in lower case.
func hasToken(list []byte, token string) bool {
	for one := range bytes.SplitSeq(list, []byte(",")) {
		if foldedIs(bytes.Trim(one, " \t"), token) {
			return true
		}
	}
	return false
}
