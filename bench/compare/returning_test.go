package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// resumingServer welcomes each connection that asks to resume, in one write with the answer to its handshake. If it names a
// position, two broadcasts and a direct message follow. It answers the pings of other connections.
type resumingServer struct{ resumed bool }

func (s resumingServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); q.Has("resume") {
		s.welcome(w, q.Get("resume"))
		return
	}
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		kind, text, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if strings.Contains(string(text), `"ping"`) {
			_ = c.Write(r.Context(), kind, text)
		}
	}
}

func (s resumingServer) welcome(w http.ResponseWriter, position string) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	answer := "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " + accepted + "\r\n\r\n"
	welcome := fmt.Sprintf(`{"message_type":"welcome","data":{"epoch":"k3x9","broadcast":7,"direct":2,"resumed":%v}}`, s.resumed && position != "")
	answer += served(welcome)
	if position == "k3x9.7.2" {
		b := served(envelope(firstTag, "", chatLetters))
		answer += b + b + served(envelope(directTag, "someone", chatLetters))
	}
	_, _ = io.WriteString(c, answer)
	_, _ = io.Copy(io.Discard, c) // until the client closes
}

// served returns a message as a server sends it.
func served(text string) string {
	b := frame([]byte(text))
	b[1] &= 0x7f
	return string(b[:len(b)-len(text)-len(maskKey)]) + text
}

func TestAStormOfClientsThatResumeIncludesTheirMissedMessages(t *testing.T) {
	p := here(t, resumingServer{resumed: true})
	p.dialect = &productDialect
	m, err := p.returning(returning(20, true, 2))
	if err != nil || m.Count != 20 || m.CPUMicros <= 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestAClientThatCannotResumeIsAnError(t *testing.T) {
	f := openFleet(t, resumingServer{resumed: false}, &productDialect)
	position, err := f.position(1)
	if err != nil || position != "k3x9.7.2" {
		t.Fatalf("%q, %v", position, err)
	}
	f.resumeFrom(position, func(client int) int { return client })
	if err := f.connect(1, func(time.Duration) {}); err == nil || !strings.Contains(err.Error(), "could not resume") {
		t.Error(err)
	}
}

func TestThePositionIsThatOfTheWelcome(t *testing.T) {
	for want, text := range map[string]string{
		"k3x9.120.7": "\x81\x60" + `{"id":"x","message_type":"welcome","data":{"epoch":"k3x9","broadcast":120,"direct":7,"resumed":true}}`,
		"":           `{"message_type":"user_joined"}`,
	} {
		if got := positionIn([]byte(text)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAStormIsOverWhenAllMessagesHaveArrived(t *testing.T) {
	a := &arrivals{due: returning(1, true, 2)}
	c := &conn{}
	for i, tag := range []byte{firstTag, replyTag, directTag, firstTag, firstTag} {
		c.stream.tag = tag
		if err := a.received(nil, c, time.Time{}); err != nil {
			t.Fatal(err)
		}
		want := [5]error{nil, nil, nil, errDone, errDuplicate}[i]
		if err := a.afterReads(nil); !errors.Is(err, want) {
			t.Errorf("after %d messages: %v, want %v", i+1, err, want)
		}
	}
}

func TestManyMessagesAreSentInParts(t *testing.T) {
	f := openFleet(t, resumingServer{}, &productDialect)
	if err := f.connect(1, func(time.Duration) {}); err != nil {
		t.Fatal(err)
	}
	w := &sending{messages: make([][]byte, 3*sendAtOnce)}
	for i := range w.messages {
		w.messages[i] = frame([]byte("{}"))
	}
	if err := w.begin(f); err != nil {
		t.Fatal(err)
	}
	if err := f.finish(w); err != nil || len(w.messages) != 0 {
		t.Errorf("%d left, %v", len(w.messages), err)
	}
}
