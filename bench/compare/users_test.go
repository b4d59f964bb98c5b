package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
)

// userServer behaves as momentum serve does: each message goes to the other users, with its sender's id, and new users
// are announced.
type userServer struct{ *clientList }

func (h userServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		http.Error(w, "no token", http.StatusUnauthorized)
		return
	}
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	h.join(c)
	h.send(r, nil, `{"message_type":"user_joined"}`)
	for {
		_, message, err := c.Read(r.Context())
		if err != nil {
			return
		}
		h.send(r, c, strings.TrimSuffix(string(message), "}")+`,"from_user_id":"`+uuid.NewString()+`"}`)
	}
}

// send sends a message to all connections but its sender's.
func (h userServer) send(r *http.Request, from *websocket.Conn, message string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, member := range h.members {
		if member != from {
			_ = member.Write(r.Context(), websocket.MessageText, []byte(message)) // the reader of that connection handles the error
		}
	}
}

func TestBroadcastingAmongUsers(t *testing.T) {
	for _, j := range []job{broadcast(15, 1, 1), broadcast(15, 1, 16), broadcast(15, 4, 1)} {
		t.Run(j.Name, func(t *testing.T) {
			f := assemble(t, userServer{newClientList()}, &userDialect, j.Connections)
			b := newBroadcasting(j, &userDialect)
			if err := b.begin(f); err != nil {
				t.Fatal(err)
			}
			playUntil(t, f, b, b.tally, 2*(j.Connections-1)*j.Senders*j.Outstanding)
		})
	}
}

func TestCourierMeasuresOnlyItsOwnMessages(t *testing.T) {
	f := assemble(t, userServer{newClientList()}, &userDialect, 3)
	k, err := newCourier(f)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	if err := f.conns[0].send(userDialect.broadcast(0), time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if err := k.run(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if k.count > 10 {
			break
		}
	}
	if k.count < 10 || k.micros(50) <= 0 || k.micros(99) > 1e6 {
		t.Errorf("%d messages, half of them in %f µs, 99 %% in %f", k.count, k.micros(50), k.micros(99))
	}
}
