package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	momentum "momentum/client"
)

// restarting welcomes a client, is restarted when the first message comes, and sends the message that was missed. again is closed when it has
// acknowledged the first message.
func restarting(t *testing.T) (s *httptest.Server, again chan struct{}) {
	t.Helper()
	again = make(chan struct{})
	connections := 0
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		say := func(text string) { _ = ws.Write(r.Context(), websocket.MessageText, []byte(text)) }
		connections++
		if connections == 1 {
			say(`{"message_type":"welcome","data":{"epoch":"e1","broadcast":4,"direct":0,"resumed":false,"reason":"new"}}`)
			_, _, _ = ws.Read(r.Context())
			_ = ws.Close(websocket.StatusServiceRestart, "reconnect in 0 s")
			return
		}
		if got := r.URL.Query().Get("resume"); got != "e1.4.0" {
			t.Errorf("resume=%s", got)
		}
		say(`{"message_type":"welcome","data":{"epoch":"e1","broadcast":5,"direct":0,"resumed":true,"missed":1}}`)
		say(`{"message_type":"text","id":"m5","seq":5,"data":{"content":"meanwhile"},"from_user_id":"u-1","from_username":"bob"}`)
		for {
			_, payload, err := ws.Read(r.Context())
			if err != nil {
				return
			}
			var m message
			_ = json.Unmarshal(payload, &m)
			say(`{"id":"` + m.ID + `","message_type":"ack","data":{"seq":6,"online":true,"stored":true}}`)
			close(again)
		}
	}))
	t.Cleanup(s.Close)
	return s, again
}

func TestAConnectionThatReturnsSaysSo(t *testing.T) {
	s, again := restarting(t)
	in, keys := io.Pipe()
	go func() {
		_, _ = io.WriteString(keys, "text hello\n") // it is sent again on the second connection
		<-again
		keys.Close()
	}()
	end := clientReading(t, in, "--reconnect", "--url", "ws"+strings.TrimPrefix(s.URL, "http"))
	wantOutcome(t, end, exitOK, "text from u-1: meanwhile (seq 5)", `Connection closed by the server: 1012 service restart, "reconnect in 0 s". Trying again in `)
	if times := regexp.MustCompile(`Trying again in (0\.\d|1\.0) s\nConnected again after [01]\.\d s\n`); !times.MatchString(end.err) {
		t.Errorf("err: %s", end.err) // it waits for less than a second, which may be 1.0 when rounded
	}
	wantOutcome(t, end, exitOK, "", "1 missed message\n")
	if strings.Contains(end.out, "welcome") || strings.Contains(end.out, "ack") {
		t.Errorf("out: %s", end.out)
	}
}

func TestEventsAreLinesOfJSON(t *testing.T) {
	var out, err bytes.Buffer
	r := reporter{out: &out, err: &err, asJSON: true, known: new(people)}
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	r.message(received{at: at, payload: []byte(`{"message_type":"text"}`)}, "")
	r.message(received{at: at, payload: []byte("boo")}, "")
	r.event(received{at: at, event: momentum.State{Phase: momentum.Waiting, Why: "busy", Until: at, Err: errors.New("no")}})
	r.event(received{at: at, event: momentum.Resumed{Resumed: true, Missed: 3, Away: 1500 * time.Millisecond}})
	r.delivered(momentum.Outgoing{ID: "a"}, momentum.Ack{Seq: 7}, nil)
	r.delivered(momentum.Outgoing{ID: "b"}, momentum.Ack{}, errors.New("expired"))
	r.users("news", []momentum.User{{ID: "1", Name: "alice"}}, 1, nil)
	r.end(&momentum.CloseError{Code: 4003})
	var events []string
	for text := range strings.Lines(out.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(text, err)
		}
		events = append(events, l.Event)
	}
	if got := strings.Join(events, " "); got != "message message state resumed delivered not_delivered users state" {
		t.Error(got, out.String())
	}
	if !strings.Contains(out.String(), `"resumed":true,"missed":3,"away":1.5}`) {
		t.Error(out.String())
	}
	if !strings.Contains(out.String(), `{"event":"message","at":"2024-01-01T00:00:00Z","message":{"message_type":"text"}}`) {
		t.Error(out.String())
	}
}

func TestPeopleReadSentences(t *testing.T) {
	var out, err bytes.Buffer
	r := reporter{out: &out, err: &err, names: true, known: new(people)}
	r.event(received{event: momentum.Resumed{Reason: "epoch"}})
	r.event(received{event: momentum.Resumed{Resumed: true, Topic: "news", Missed: 3}})
	r.event(received{event: momentum.Resumed{Resumed: true, Topic: "quiet"}})
	r.delivered(momentum.Outgoing{ToUserID: "u"}, momentum.Ack{Stored: true}, nil)
	r.delivered(momentum.Outgoing{ToUserID: "u"}, momentum.Ack{}, nil)
	r.delivered(momentum.Outgoing{Topic: "t"}, momentum.Ack{}, nil)
	r.delivered(momentum.Outgoing{}, momentum.Ack{}, errors.New("expired"))
	r.users("", nil, 0, errors.New("old"))
	r.message(received{payload: []byte(`{"message_type":"text","data":{"content":"hi"},"timestamp":"2024-01-01T00:00:00Z","from_user_id":"u-1","from_username":"bob","topic":"news"}`)}, "")
	if want := "Messages may be missing: the messages are numbered anew (epoch)\nthe user is not online; the message is kept\nthe user is not online; the message is lost\n" +
		"the topic has no subscribers\nnot delivered: expired\nthe server does not say who is online: old\n"; err.String() != want {
		t.Errorf("%s", err.String())
	}
	r.message(received{payload: []byte(`{"message_type":"user_left","data":{"user_id":"u-1","username":"bob"}}`)}, "")
	if !strings.Contains(out.String(), " text in news from bob: hi\n") || !strings.HasSuffix(out.String(), " user_left: bob\n") {
		t.Errorf("%s", out.String())
	}
}
