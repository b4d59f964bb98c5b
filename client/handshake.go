package client

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	acceptGUID  = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455 §1.3
	subprotocol = "momentum"
)

// errBadToken is the fault of a token that does not fit into a header.
var errBadToken = errors.New("the token has characters that no token has")

// opening is a handshake.
type opening struct {
	url      *url.URL // ws or wss
	token    string   // empty: the URL has it
	bearer   bool     // the token goes into Authorization
	resume   bool     // the request has a position
	position string
	header   http.Header // further headers
}

// open makes the handshakes of TLS, if the URL wants it, and of WebSocket.
func (o opening) open(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, []byte, error) {
	if o.url.Scheme == "wss" {
		config = config.Clone()
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		if config.ServerName == "" {
			config.ServerName = o.url.Hostname()
		}
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return conn, nil, err
		}
		conn = secure
	}
	early, err := o.perform(conn)
	return conn, early, err
}

// perform sends the request and reads the answer. It returns the bytes that came after a 101; or a *Refusal.
func (o opening) perform(conn net.Conn) (early []byte, err error) {
	key := newKey()
	request, err := o.request(key)
	if err != nil {
		return nil, err
	}
	if err := request.Write(conn); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	answer, err := http.ReadResponse(reader, request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		defer answer.Body.Close()
		return nil, readRefusal(answer, time.Now())
	}
	if err := o.check(answer.Header, key); err != nil {
		return nil, err
	}
	early, err = reader.Peek(reader.Buffered())
	return append([]byte(nil), early...), err // a copy, because the reader's buffer is larger than most connections need
}

// request returns the handshake's request.
func (o opening) request(key string) (*http.Request, error) {
	header := o.header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	header.Set("Upgrade", "websocket")
	header.Set("Connection", "Upgrade")
	header.Set("Sec-WebSocket-Version", "13")
	header.Set("Sec-WebSocket-Key", key)
	if o.token != "" {
		if strings.ContainsFunc(o.token, foreignToToken) {
			return nil, errBadToken
		}
		if o.bearer {
			header.Set("Authorization", "Bearer "+o.token)
		} else {
			header.Set("Sec-WebSocket-Protocol", subprotocol+", "+o.token)
		}
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "momentum-client")
	}
	target := *o.url
	target.RawQuery = o.query()
	return &http.Request{Method: http.MethodGet, URL: &target, Host: o.url.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
}

// query returns the URL's own query and the position. A position in the URL is that of the first connection.
func (o opening) query() string {
	if !o.resume || o.position == "" && o.url.Query().Has("resume") {
		return o.url.RawQuery
	}
	var kept []string
	for parameter := range strings.SplitSeq(o.url.RawQuery, "&") {
		if parameter != "" && parameter != "resume" && !strings.HasPrefix(parameter, "resume=") {
			kept = append(kept, parameter)
		}
	}
	return strings.Join(append(kept, "resume="+o.position), "&")
}

// foreignToToken reports whether a JWT, which is base64url and points, cannot have a character.
func foreignToToken(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._~+-", r))
}

// check checks a 101 (RFC 6455 §4.1).
func (o opening) check(answer http.Header, key string) error {
	sum := sha1.Sum([]byte(key + acceptGUID))
	chosen := answer.Get("Sec-WebSocket-Protocol")
	switch {
	case !strings.EqualFold(answer.Get("Upgrade"), "websocket"), !hasToken(answer.Values("Connection"), "upgrade"):
		return errors.New("the answer 101 is not to a WebSocket")
	case answer.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]):
		return errors.New("the answer 101 is not to this request: Sec-WebSocket-Accept is wrong")
	case answer.Get("Sec-WebSocket-Extensions") != "":
		return errors.New("the server uses an extension that was not offered")
	case chosen != "" && (o.token == "" || o.bearer || chosen != subprotocol):
		return fmt.Errorf("the server chose the subprotocol %q, which was not offered", chosen)
	}
	return nil
}

// hasToken reports whether a list in headers has an element.
func hasToken(lists []string, element string) bool {
	for _, list := range lists {
		for part := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(part), element) {
				return true
			}
		}
	}
	return false
}

func newKey() string {
	var key [16]byte
	_, _ = rand.Read(key[:]) // it never fails
	return base64.StdEncoding.EncodeToString(key[:])
}
