package jitter

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// forgetful is a server that keeps nothing for a client that is away.
type forgetful struct {
	mu    sync.Mutex
	users map[string]*websocket.Conn
}

func (s *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user := r.URL.Query().Get("user")
	s.mu.Lock() // before the 101: a client that has it gets every message from then on
	c, err := websocket.Accept(w, r, nil)
	if err == nil {
		s.users[user] = c
	}
	s.mu.Unlock()
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		_, text, err := c.Read(r.Context())
		if err != nil {
			break
		}
		s.forward(r.Context(), user, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[user] == c {
		delete(s.users, user)
	}
}

func (s *forgetful) forward(ctx context.Context, from string, text []byte) {
	var m struct {
		To string `json:"to_user_id"`
	}
	_ = json.Unmarshal(text, &m)
	s.mu.Lock()
	defer s.mu.Unlock()
	for user, c := range s.users {
		if user != from && (m.To == "" || m.To == user) {
			_ = c.Write(ctx, websocket.MessageText, text)
		}
	}
}

func options(t *testing.T) Options {
	t.Helper()
	s := httptest.NewServer(&forgetful{users: map[string]*websocket.Conn{}})
	t.Cleanup(s.Close)
	return Options{
		Addr: s.Listener.Addr().String(), Clients: 10, Length: 600 * time.Millisecond, Seed: 1,
		Every: time.Hour, Rate: Rate{50, 100}, User: func(client int) string { return fmt.Sprint(client) },
		Request: func(client int, _ string) ([]byte, error) {
			return fmt.Appendf(nil, "GET /?user=%d HTTP/1.1\r\nHost: server\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", client), nil
		},
	}
}

func TestEveryMessageIsCountedOnce(t *testing.T) {
	f, err := Run(t.Context(), options(t))
	if want := (Figures{Sent: 10*30 + 60, Delivered: 10*30 + 60}); err != nil || f != want {
		t.Errorf("%+v, %v, want %+v", f, err, want)
	}
}

func TestClientsThatAreCutOffMissMessages(t *testing.T) {
	o := options(t)
	o.Every, o.Away = 100*time.Millisecond, [2]time.Duration{50 * time.Millisecond, 100 * time.Millisecond}
	f, err := Run(t.Context(), o)
	if err != nil || f.Cuts < 10 || f.Delivered == 0 || f.Delivered >= f.Sent || f.Twice > 0 || f.Unordered > 0 {
		t.Errorf("%v, %v", f, err)
	}
}

func TestAServerThatDoesNotWelcomeIsAnError(t *testing.T) {
	o := options(t)
	o.Welcomes = true
	o.Rate.Broadcasts = 1000
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := Run(ctx, o); err == nil || !strings.Contains(err.Error(), "cannot connect") {
		t.Error(err)
	}
}

// TestAnotherSenderMaySend has the messages sent by a function, while no client is cut off. The server ends each connection once, and
// stays away for the last client.
func TestAnotherSenderMaySend(t *testing.T) {
	o := options(t)
	o.Clients, o.Every, o.Rate = 2, 0, Rate{Broadcasts: 5}
	o.Send = func(ctx context.Context) error {
		sender := (&run{Options: o}).newClient(o.Clients)
		if err := sender.connect(ctx); err != nil {
			return err
		}
		t.Cleanup(func() { sender.conn.Close() }) // to close it now, with unread bytes, would reset it before the messages are read
		for i := range 3 {
			if _, err := sender.conn.Write(frame(opText, broadcast(i))); err != nil {
				return err
			}
		}
		return nil
	}
	f, err := Run(t.Context(), o)
	if want := (Figures{Sent: 6, Delivered: 6}); err != nil || f != want {
		t.Errorf("%+v, %v, want %+v", f, err, want)
	}
}

func TestClientsThatAreLockedOutAreCounted(t *testing.T) {
	o := options(t)
	o.Clients, o.Every, o.Rate = 3, 0, Rate{Broadcasts: 5}
	request, refused := o.Request, false
	o.Request = func(client int, position string) ([]byte, error) {
		if refused {
			return nil, errTooLong
		}
		return request(client, position)
	}
	o.Send = func(context.Context) error { return nil }
	r := &run{Options: o}
	_, clients, err := r.connectAll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refused = true
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	clients[0].conn.Close()
	for _, c := range clients {
		c.live(ctx)
	}
	if f := r.sum(clients); f.Apart != 1 || f.Closed < 2 || f.Away != 0 {
		t.Errorf("%+v", f)
	}
}
