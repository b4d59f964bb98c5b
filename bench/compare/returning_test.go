package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// resumingServer welcomes each connection that asks to resume. If it names a position, two broadcasts and a direct message follow.
// It answers pings.
type resumingServer struct{}

func (s resumingServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	var missed []string
	if q := r.URL.Query(); q.Has("resume") {
		missed = []string{`{"id":"` + tagged('0') + `","message_type":"welcome","data":{"epoch":"k3x9","broadcast":7,"direct":2,"resumed":false}}`}
		if q.Get("resume") == "k3x9.7.2" {
			b := envelope(firstTag, "", chatLetters)
			missed = append(missed, b, b, envelope(directTag, "someone", chatLetters))
		}
	}
	for _, m := range missed {
		_ = c.Write(r.Context(), websocket.MessageText, []byte(m)) // the read reports the error
	}
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

func TestAStormOfClientsThatResumeIncludesTheirMissedMessages(t *testing.T) {
	p := here(t, resumingServer{})
	p.dialect = &productDialect
	m, err := p.returning(returning(20, true, 2))
	if err != nil || m.Count != 20 || m.CPUMicros <= 0 {
		t.Errorf("%+v, %v", m, err)
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
