package server

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
	"momentum/server/auth"
)

var secret = []byte("a secret of more than thirty-two bytes")

// world is a node in netpolltest's simulation, with clients that know just enough WebSocket.
type world struct {
	t       testing.TB
	net     *netpolltest.World
	server  *Server
	options Options
	clients []*client
	dropped string // the id of the connection that an administrator has dropped last
}

// newWorld makes a node of two reactors that checks tokens on the reactor: everything is deterministic.
func newWorld(t testing.TB, seed uint64, change func(*Options)) *world {
	t.Helper()
	w := &world{t: t}
	w.net = netpolltest.Start(seed)
	ids := byte(0)
	w.options = Options{
		Rules: Rules{
			MaxConnections: 1 << 16, MaxMessageBytes: 1 << 16,
			HeartbeatInterval: 25 * time.Second, HeartbeatTimeout: 10 * time.Second,
			ConnectionTimeout: 300 * time.Second, CleanupInterval: time.Hour, DrainWindow: 2 * time.Second, MaxTopics: 128, TopicsDefault: &auth.Topics{Subscribe: []string{"*"}, Publish: []string{"*"}},
		},
		Reactors: 2, MaxSockets: 1 << 16,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: w.net.Now}),
		Probe:    ready,
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      slog.New(slog.DiscardHandler), NetLog: slog.New(slog.DiscardHandler),
		Now: w.net.Now, Seed: seed, Outbound: netpoll.DefaultOutbound,
		History: History{Messages: 100, Bytes: 64 << 10, Age: 300 * time.Second, Room: 16 << 20},
		NewID:   func() uuid.UUID { ids++; return uuid.UUID{15: ids} },
	}
	if change != nil {
		change(&w.options)
	}
	s, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	w.net.Adopt(s.Group())
	return w
}

// ready answers probes as the sidecar of a healthy node does.
func ready(path []byte) (status int, body []byte) {
	if string(path) != "/readyz" {
		return 0, nil
	}
	return 200, []byte(`{"status":"ok"}`)
}

// client is the far end of one connection.
type client struct {
	*netpolltest.Peer
	name     string
	upgraded bool
	status   string // of the answer to its request, once a test has asked
	buffer   []byte
	told     bool // that the connection has ended
}

func userID(name string) uuid.UUID { return auth.UserID(name + "@example.com") }

func (w *world) token(name string) string {
	token, err := auth.Sign(secret, auth.Claims{
		UserID: userID(name), Username: name, Email: name + "@example.com",
		IssuedAt: w.net.Now().Unix(), ExpiresAt: w.net.Now().Add(24 * time.Hour).Unix(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func upgradeRequest(token string) []byte {
	return []byte("GET /ws?token=" + token + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
}

// offering adds an offer of permessage-deflate to a request.
func offering(request []byte, parameters string) []byte {
	return bytes.Replace(request, []byte("\r\n\r\n"), []byte("\r\nSec-WebSocket-Extensions: permessage-deflate"+parameters+"\r\n\r\n"), 1)
}

func (w *world) dial(name string) *client {
	c := &client{Peer: w.net.Dial(), name: name}
	w.clients = append(w.clients, c)
	return c
}

// join connects a user and reads the 101.
func (w *world) join(name string) *client {
	c := w.dial(name)
	c.Send(upgradeRequest(w.token(name)))
	w.net.Settle()
	return c
}

// frame encodes a client's frame, masked as RFC 6455 §5.3 wants.
func frame(opcode byte, payload []byte) []byte {
	mask := [4]byte{1, 2, 3, 4}
	b := []byte{0x80 | opcode}
	switch n := len(payload); {
	case n <= 125:
		b = append(b, 0x80|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	b = append(b, mask[:]...)
	for i, x := range payload {
		b = append(b, x^mask[i%4])
	}
	return b
}

func (c *client) text(message string) { c.Send(frame(1, []byte(message))) }

// received decodes the bytes that have arrived: an HTTP answer, then frames, then the end.
func (c *client) received() (lines []string) {
	c.buffer = append(c.buffer, c.Received()...)
	if !c.upgraded && len(c.buffer) > 0 {
		lines = append(lines, c.answer())
	}
	for c.upgraded {
		line, n := nextFrame(c.buffer)
		if n == 0 {
			break
		}
		c.buffer = c.buffer[n:]
		lines = append(lines, line)
	}
	if (c.EOF || c.Closed) && !c.told {
		c.told = true
		lines = append(lines, "EOF")
	}
	return lines
}

func (c *client) answer() string {
	reader := bufio.NewReader(bytes.NewReader(c.buffer))
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return "not HTTP: " + err.Error()
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		c.upgraded = true
		c.buffer, _ = io.ReadAll(reader)
		return "101"
	}
	body, _ := io.ReadAll(response.Body)
	c.buffer = nil
	return strings.TrimSpace(fmt.Sprintf("%d %s", response.StatusCode, body) + forPages(response.Header))
}

// forPages returns the headers of an answer that concern pages of other sites.
func forPages(h http.Header) (lines string) {
	for _, name := range []string{"Allow-Origin", "Allow-Methods", "Allow-Headers", "Expose-Headers", "Max-Age"} {
		if value := h.Get("Access-Control-" + name); value != "" {
			lines += "; " + name + ": " + value
		}
	}
	return lines
}

// nextFrame decodes one unmasked frame, or returns 0 if it has not arrived completely.
func nextFrame(b []byte) (line string, n int) {
	if len(b) < 2 {
		return "", 0
	}
	size, head := int(b[1]), 2
	switch {
	case size == 126 && len(b) >= 4:
		size, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case size == 127 && len(b) >= 10:
		size, head = int(binary.BigEndian.Uint64(b[2:])), 10
	case size >= 126:
		return "", 0
	}
	if len(b) < head+size {
		return "", 0
	}
	payload := b[head : head+size]
	switch b[0] {
	case 0x81:
		line = string(payload)
	case 0xc1:
		line = inflated(payload)
	case 0x88:
		line = "close"
		if size >= 2 {
			line = strings.TrimSpace(fmt.Sprintf("close %d %s", binary.BigEndian.Uint16(payload), payload[2:]))
		}
	case 0x89:
		line = "ping"
	case 0x8a:
		line = "pong " + string(payload)
	default:
		line = fmt.Sprintf("frame %#x %q", b[0], payload)
	}
	return line, head + size
}

// audit returns the faults that the node's audit finds.
func (w *world) audit() error {
	a := w.server.startAudit()
	w.net.Settle()
	return w.server.checkTotals(a)
}

// shards returns the reactors' shares of the node, which a simulation may look into.
func (w *world) shards() []*shard { return w.server.shards }

// all yields the sessions that have a connection.
func (p *sessions) all() iter.Seq[*session] {
	return func(yield func(*session) bool) {
		for _, page := range p.pages {
			for i := range page {
				if page[i].conn != nil && !yield(&page[i]) {
					return
				}
			}
		}
	}
}

// live yields the live sessions.
func (p *sessions) live() iter.Seq[*session] {
	return func(yield func(*session) bool) {
		for s := range p.all() {
			if s.state == stateLive && !yield(s) {
				return
			}
		}
	}
}

// first returns the live session of the lowest slot.
func (sh *shard) first() *session {
	for s := range sh.sessions.live() {
		return s
	}
	return nil
}

// waiting returns the bytes that wait for the reactor's fan-out.
func waiting(sh *shard) int { return sh.fanout.Waiting().Bytes }

// inflater is reused, because making one takes longer than all its work.
var inflater = flate.NewReader(nil)

// inflated decompresses a message (RFC 7692 §7.2.2).
func inflated(payload []byte) string {
	const tail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"
	if err := inflater.(flate.Resetter).Reset(io.MultiReader(bytes.NewReader(payload), strings.NewReader(tail)), nil); err != nil {
		return err.Error()
	}
	text, err := io.ReadAll(inflater)
	if err != nil {
		return "bad deflate data: " + err.Error()
	}
	return string(text)
}

// newIDs numbers messages, for tests with more of them than fit in one byte.
func newIDs() func() uuid.UUID {
	n := uint64(0)
	return func() (id uuid.UUID) { n++; binary.BigEndian.PutUint64(id[8:], n); return id }
}
