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

// hall is a server that is known to be right: it sends each message to its sender, or to all.
type hall struct {
	broadcast bool
	mu        sync.Mutex
	members   []*websocket.Conn
}

func (h *hall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	h.mu.Lock()
	h.members = append(h.members, c)
	h.mu.Unlock()
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
			_ = member.Write(r.Context(), kind, message) // the reader of that connection notices
		}
		h.mu.Unlock()
	}
}

func assemble(t *testing.T, h http.Handler, connections int) *fleet {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	f, err := newFleet(netip.MustParseAddrPort(server.Listener.Addr().String()))
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
	return f
}

func TestEchoingKeepsOneMessageOfEachOnItsWay(t *testing.T) {
	f := assemble(t, &hall{}, 20)
	e := &echoing{newTally(), textFrame(200)}
	if err := e.begin(f); err != nil {
		t.Fatal(err)
	}
	if err := f.play(e, time.Now().Add(200*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if e.count < 20 || e.micros(50) <= 0 {
		t.Errorf("%d echoes, half of them in %f µs", e.count, e.micros(50))
	}
}

func TestBroadcastingCountsEveryDelivery(t *testing.T) {
	for _, j := range []job{broadcast(15, 1, 1), broadcast(15, 1, 16), broadcast(15, 4, 1)} {
		t.Run(j.Name, func(t *testing.T) {
			f := assemble(t, &hall{broadcast: true}, j.Connections)
			b := newBroadcasting(j)
			if err := b.begin(f); err != nil {
				t.Fatal(err)
			}
			if err := f.play(b, time.Now().Add(300*time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			if whole := int64(j.Connections * j.Senders * j.Outstanding); b.count < 2*whole {
				t.Errorf("%d deliveries: the second message of everybody was never through, or not counted", b.count)
			}
		})
	}
}

func TestARefusalIsAnError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	f, err := newFleet(netip.MustParseAddrPort(server.Listener.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	err = f.connect(1, func(time.Duration) {})
	if err == nil || !strings.Contains(err.Error(), "HTTP/1.1 404") {
		t.Errorf("a 404 came to %v", err)
	}
}
