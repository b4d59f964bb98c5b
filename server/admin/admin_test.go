package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server"
	"momentum/server/auth"
)

var secret = []byte("secret")

// newNode returns a real node without connections, and the address of its WebSocket port.
func newNode(t testing.TB, changes ...func(*server.Options)) (*server.Server, net.Addr) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	o := server.Options{
		Rules: server.Rules{
			MaxConnections: 100, MaxMessageBytes: 1 << 16,
			HeartbeatInterval: time.Minute, HeartbeatTimeout: time.Minute, ConnectionTimeout: time.Hour,
			CleanupInterval: time.Hour, DrainWindow: time.Millisecond, MaxTopics: 128, TopicsDefault: &auth.Topics{Subscribe: []string{"*"}},
		},
		Reactors: 1, MaxSockets: 100,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: time.Now}),
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      quiet, NetLog: quiet, Now: time.Now, NewID: uuid.New,
		History:  server.History{Messages: 10, Bytes: 1 << 16, Age: time.Minute, Room: 1 << 20},
		Outbound: netpoll.DefaultOutbound, MaxViewers: 2, MaxPublicViewers: 1,
	}
	for _, change := range changes {
		change(&o)
	}
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Stop(context.Background())
		s.Close()
	})
	return s, l.Addr()
}

func handlerOf(s *server.Server, token string) http.Handler {
	return NewHandler(s, Options{Token: token, Port: 8000, Log: slog.New(slog.DiscardHandler), Metrics: http.NotFoundHandler()})
}

func newSidecar(t *testing.T, token string) http.Handler {
	t.Helper()
	s, _ := newNode(t)
	return handlerOf(s, token)
}

// call is one request, local and harmless unless a test changes it.
type call struct {
	method, path, body      string
	local, peer, host, bind string
	headers                 map[string]string
}

func (c call) on(t *testing.T, h http.Handler) (int, string, http.Header) {
	t.Helper()
	r := httptest.NewRequest(cmp.Or(c.method, "GET"), cmp.Or(c.path, "/ws/stats"), strings.NewReader(c.body))
	r.RemoteAddr, r.Host = cmp.Or(c.peer, "127.0.0.1:5555"), cmp.Or(c.host, "127.0.0.1:8001")
	if r.Method == "POST" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		if r.Header.Set(name, value); value == "" {
			r.Header.Del(name)
		}
	}
	local, err := net.ResolveTCPAddr("tcp", cmp.Or(c.local, "127.0.0.1:8001"))
	if err != nil {
		t.Fatal(err)
	}
	bind, err := net.ResolveTCPAddr("tcp", cmp.Or(c.bind, c.local, "127.0.0.1:8001"))
	if err != nil {
		t.Fatal(err)
	}
	r = r.WithContext(context.WithValue(withBind(bind), http.LocalAddrContextKey, net.Addr(local)))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

func header(name, value string) map[string]string { return map[string]string{name: value} }

func (c call) expect(t *testing.T, h http.Handler, code string) {
	t.Helper()
	status, body, _ := c.on(t, h)
	var answer struct{ Error, Message string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%d %q: %v", status, body, err)
	}
	if answer.Error != code || (status < 300) != (code == "") || code != "" && answer.Message == "" {
		t.Fatalf("answered %d %s, want %q", status, body, code)
	}
}
