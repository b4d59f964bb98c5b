package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// clientList is the connected clients of a test server.
type clientList struct {
	mu      sync.Mutex
	members []*websocket.Conn
	joined  chan struct{} // receives a value for each
}

func newClientList() *clientList { return &clientList{joined: make(chan struct{}, 100)} }

func (c *clientList) join(member *websocket.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members = append(c.members, member)
	c.joined <- struct{}{}
}

// await returns when that many more clients have joined, which happens after their handshakes.
func (c *clientList) await(members int) {
	for range members {
		<-c.joined
	}
}

// referenceServer is a correct server: it sends each message to its sender, or to all.
type referenceServer struct {
	*clientList
	broadcast bool
}

func (h *referenceServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	h.join(c)
	for {
		kind, message, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if want := "abcdefghijklmnopqrstuvwxyzabcdef"; !strings.HasPrefix(string(message), want) {
			_ = c.Close(websocket.StatusUnsupportedData, "unmasking went wrong")
			return
		}
		to := []*websocket.Conn{c}
		h.mu.Lock()
		if h.broadcast {
			to = h.members
		}
		for _, member := range to {
			_ = member.Write(r.Context(), kind, message) // the reader of that connection handles the error
		}
		h.mu.Unlock()
	}
}

// testServer is a server that can wait for its clients.
type testServer interface {
	http.Handler
	await(members int)
}

func assemble(t *testing.T, p testServer, speaks *dialect, connections int) *fleet {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	f, err := newFleet(netip.MustParseAddrPort(server.Listener.Addr().String()), speaks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	opened := 0
	if err := f.connect(connections, func(time.Duration) { opened++ }); err != nil {
		t.Fatal(err)
	}
	if opened != connections {
		t.Fatalf("%d opened, want %d", opened, connections)
	}
	p.await(connections)
	return f
}

func TestEchoingKeepsOneMessageOfEachConnectionOutstanding(t *testing.T) {
	f := assemble(t, &referenceServer{newClientList(), false}, &plainDialect, 20)
	e := &echoing{newTally(), textFrame(200)}
	if err := e.begin(f); err != nil {
		t.Fatal(err)
	}
	playUntil(t, f, e, e.tally, 100)
	if e.micros(50) <= 0 {
		t.Errorf("%d echoes, half of them in %f µs", e.count, e.micros(50))
	}
}

func TestBroadcastingCountsEveryDelivery(t *testing.T) {
	for _, j := range []job{broadcast(15, 1, 1), broadcast(15, 1, 16), broadcast(15, 4, 1)} {
		t.Run(j.Name, func(t *testing.T) {
			f := assemble(t, &referenceServer{newClientList(), true}, &plainDialect, j.Connections)
			b := newBroadcasting(j, &plainDialect)
			if err := b.begin(f); err != nil {
				t.Fatal(err)
			}
			playUntil(t, f, b, b.tally, 2*j.Connections*j.Senders*j.Outstanding)
		})
	}
}

// playUntil plays until that many messages have been counted.
func playUntil(t *testing.T, f *fleet, p player, counted *tally, enough int) {
	t.Helper()
	for range 100 {
		if err := f.play(p, time.Now().Add(100*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if counted.count >= int64(enough) {
			return
		}
	}
	t.Errorf("%d counted, want %d: a message was lost or not counted", counted.count, enough)
}

func TestARefusalIsAnError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	f, err := newFleet(netip.MustParseAddrPort(server.Listener.Addr().String()), &plainDialect)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	err = f.connect(1, func(time.Duration) {})
	if err == nil || !strings.Contains(err.Error(), "HTTP/1.1 404") {
		t.Errorf("a 404 is %v", err)
	}
}
