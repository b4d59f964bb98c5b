package main

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
)

func TestTheBenchmarkCountsEachPong(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, n int, payload []byte) {
		pong(ws, n, payload)
		pong(ws, n, payload)                                           // one too many: counted once
		_ = ws.Write(t.Context(), websocket.MessageText, []byte("{}")) // not an answer
	})
	got := client(t, "", "--url", s.ws(), "--benchmark", "--messages", "20", "--interval", "2")
	wantOutcome(t, got, exitOK, "sent        20\nreceived    20\nlost        0\nthroughput  ", "")
	if !regexp.MustCompile(`latency p50 [\d.]+ ms\nlatency p90 [\d.]+ ms\nlatency p99 [\d.]+ ms\nlatency max [\d.]+ ms\n$`).MatchString(got.out) {
		t.Errorf("out: %s", got.out)
	}
	ids := make(map[string]bool)
	for _, payload := range s.sent() {
		var m message
		if json.Unmarshal([]byte(payload), &m) != nil || m.Type != "ping" || uuid.Validate(m.ID) != nil || ids[m.ID] {
			t.Errorf("sent %s", payload)
		}
		ids[m.ID] = true
	}
	if len(ids) != 20 || s.closed != websocket.StatusNormalClosure {
		t.Errorf("%d messages, closed with %d", len(ids), s.closed)
	}
}

func TestTheBenchmarkKeepsItsInterval(t *testing.T) {
	s := serve(t, pong)
	start := time.Now()
	wantOutcome(t, client(t, "", "--url", s.ws(), "--benchmark", "--messages", "11", "--interval", "20"), exitOK, "received    11", "")
	if took := time.Since(start); took < 200*time.Millisecond {
		t.Errorf("11 messages 20 ms apart took %v", took)
	}
}

func TestTheBenchmarkWithoutAPause(t *testing.T) {
	s := serve(t, pong)
	wantOutcome(t, client(t, "", "--url", s.ws(), "--benchmark", "--messages", "1000", "--interval", "0"), exitOK, "received    1000\nlost        0", "")
}

// A refused ping counts as lost at once, without a wait for more.
func TestTheBenchmarkFailsWhenMessagesAreRefused(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, n int, payload []byte) {
		if n%2 == 0 {
			pong(ws, n, payload)
			return
		}
		var m message
		_ = json.Unmarshal(payload, &m)
		reply, _ := json.Marshal(message{Type: "error", Data: json.RawMessage(`{"code":"rate_limited","message":"slow down","ref_id":"` + m.ID + `"}`)})
		_ = ws.Write(t.Context(), websocket.MessageText, reply)
	})
	got := client(t, "", "--url", s.ws(), "--benchmark", "--messages", "6", "--interval", "1")
	wantOutcome(t, got, exitFailed, "sent        6\nreceived    3\nlost        3\nrefused     3 of these: rate_limited, slow down\n", "")
}

// A server does not read messages above its rate limit, so its error does not name them. The error is an answer all the
// same, and the benchmark does not wait for another one.
func TestTheBenchmarkShowsErrorsThatNameNoMessage(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, n int, payload []byte) {
		if n <= 2 {
			pong(ws, n, payload)
			return
		}
		code := "rate_limited"
		if n == 6 {
			code = "other"
		}
		reply, _ := json.Marshal(message{Type: "error", Data: json.RawMessage(`{"code":"` + code + `","message":"slow down"}`)})
		_ = ws.Write(t.Context(), websocket.MessageText, reply)
	})
	start := time.Now()
	got := client(t, "", "--url", s.ws(), "--benchmark", "--messages", "6", "--interval", "0")
	wantOutcome(t, got, exitFailed, "sent        6\nreceived    2\nlost        4\nrefused     1 of these: other, slow down\nrefused     3 of these: rate_limited, slow down\n", "")
	if took := time.Since(start); took > answerTimeout/2 {
		t.Errorf("took %v", took)
	}
}

// The server does not answer the last pings, and the user does not wait for that.
func TestPingsUnderWayAtAnInterruptAreNotLost(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	s := serve(t, func(ws *websocket.Conn, n int, payload []byte) {
		if n <= 3 {
			pong(ws, n, payload)
			return
		}
		interrupt()
	})
	got := clientUntil(t, ctx, strings.NewReader(""), "--url", s.ws(), "--benchmark", "--messages", "1000", "--interval", "1")
	wantOutcome(t, got, exitFailed, "lost        0\ninterrupted: ", "")
}

func TestTheBenchmarkFailsWhenTheConnectionIsLost(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, n int, payload []byte) {
		if pong(ws, n, payload); n == 3 {
			_ = ws.Close(websocket.StatusServiceRestart, "the node is restarting")
		}
	})
	got := client(t, "", "--url", s.ws(), "--benchmark", "--messages", "1000", "--interval", "1")
	wantOutcome(t, got, exitFailed, "received    3\n", "1012 service restart")
}
