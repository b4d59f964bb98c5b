package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
)

// members are the connections of a reference server.
type members struct {
	mu     sync.Mutex
	all    []*websocket.Conn
	joined chan struct{} // receives an element for each
}

func newMembers() *members { return &members{joined: make(chan struct{}, 1000)} }

func (m *members) join(c *websocket.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, c)
	m.joined <- struct{}{}
}

// await returns when n more connections have joined, which is later than their handshakes.
func (m *members) await(n int) {
	for range n {
		<-m.joined
	}
}

// send sends a message to all members except one, which may be nil.
func (m *members) send(r *http.Request, except *websocket.Conn, message string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.all {
		if c != except {
			_ = c.Write(r.Context(), websocket.MessageText, []byte(message)) // that connection's reader reports the error
		}
	}
}

// plainServer is a correct server with the plain dialect: it sends each message to its sender, or to all members.
type plainServer struct {
	*members
	broadcast bool
}

func (s plainServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	s.join(c)
	for {
		kind, message, err := c.Read(r.Context())
		if err != nil {
			return
		}
		switch want := "abcdefghijklmnopqrstuvwxyzabcdef"; {
		case !strings.HasPrefix(string(message), want):
			_ = c.Close(websocket.StatusUnsupportedData, "the message was not masked correctly")
			return
		case s.broadcast:
			s.send(r, nil, string(message))
		default:
			_ = c.Write(r.Context(), kind, message) // the next read reports the error
		}
	}
}

// productServer is a correct server with the product's dialect: it sends each message to the other members with its
// sender's id and a number, and announces arrivals.
type productServer struct{ *members }

func (s productServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		http.Error(w, "no token", http.StatusUnauthorized)
		return
	}
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	s.join(c)
	s.send(r, nil, `{"message_type":"user_joined"}`)
	for seq := 1; ; seq++ {
		_, message, err := c.Read(r.Context())
		if err != nil {
			return
		}
		s.send(r, c, strings.TrimSuffix(string(message), "}")+fmt.Sprintf(`,"from_user_id":"%s","seq":%d}`, uuid.New(), seq))
	}
}

// reference is a server whose members are known.
type reference interface {
	http.Handler
	await(n int)
}

// serve starts a handler and returns its address.
func serve(t *testing.T, h http.Handler) netip.AddrPort {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return netip.MustParseAddrPort(server.Listener.Addr().String())
}

// openFleet makes a fleet for a server, without connections.
func openFleet(t *testing.T, h http.Handler, d *dialect) *fleet {
	t.Helper()
	f, err := newFleet(serve(t, h), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	return f
}

// connectFleet makes a fleet whose connections have all joined the server.
func connectFleet(t *testing.T, s reference, d *dialect, connections int) *fleet {
	t.Helper()
	f := openFleet(t, s, d)
	opened := 0
	if err := f.connect(connections, func(time.Duration) { opened++ }); err != nil {
		t.Fatal(err)
	}
	if opened != connections {
		t.Fatalf("%d opened, want %d", opened, connections)
	}
	s.await(connections)
	return f
}

// runUntil runs a workload until its tally has counted enough.
func runUntil(t *testing.T, f *fleet, w workload, counted *tally, enough int) {
	t.Helper()
	for range 100 {
		if err := f.run(w, time.Now().Add(100*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if counted.count >= int64(enough) {
			return
		}
	}
	t.Errorf("%d counted, want %d: a message was lost or not counted", counted.count, enough)
}
