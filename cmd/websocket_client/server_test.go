package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"momentum/internal/output"
)

const testSecret = "0123456789abcdef0123456789abcdef"

// fakeServer accepts connections and calls answer for each message.
type fakeServer struct {
	*httptest.Server
	// The following fields may be read after over is closed.
	request  *http.Request
	messages []string
	closed   websocket.StatusCode // how the client closed, once it has
	over     chan struct{}        // closed when the connection is over; there is one
}

// serve starts a server. answer is called for each message and may close the connection.
func serve(t *testing.T, answer func(ws *websocket.Conn, n int, payload []byte)) *fakeServer {
	t.Helper()
	s := &fakeServer{over: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer close(s.over)
		s.request = r
		for n := 1; ; n++ {
			_, payload, err := ws.Read(context.Background())
			if err != nil {
				s.closed = websocket.CloseStatus(err)
				return
			}
			s.messages = append(s.messages, string(payload))
			answer(ws, n, payload)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// sent waits for the end of the connection and returns the messages that arrived on it.
func (s *fakeServer) sent() []string {
	<-s.over
	return s.messages
}

func (s *fakeServer) ws() string { return "ws" + strings.TrimPrefix(s.URL, "http") + "/ws" }

// pong answers pings as a server does, and ignores other messages.
func pong(ws *websocket.Conn, _ int, payload []byte) {
	var m message
	if json.Unmarshal(payload, &m) == nil && m.Type == "ping" {
		m.Type = "pong"
		reply, _ := json.Marshal(m)
		_ = ws.Write(context.Background(), websocket.MessageText, reply)
	}
}

func silence(*websocket.Conn, int, []byte) {}

// outcome is the result of one run of the client.
type outcome struct {
	code     int
	out, err string
}

// client runs the client with lines as its input.
func client(t *testing.T, lines string, args ...string) outcome {
	t.Helper()
	return clientReading(t, strings.NewReader(lines), args...)
}

func clientReading(t *testing.T, in io.Reader, args ...string) outcome {
	t.Helper()
	return clientUntil(t, t.Context(), in, args...)
}

// clientUntil runs the client until it is done or ctx ends, as it does at a signal.
func clientUntil(t *testing.T, ctx context.Context, in io.Reader, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	getenv := func(name string) string {
		if name == "JWT_SECRET" {
			return testSecret
		}
		return ""
	}
	code := run(ctx, args, getenv, streams{in, output.NewStream(&out), &err})
	return outcome{code, out.String(), err.String()}
}

// wantOutcome fails the test unless the exit code is code, and stdout and stderr contain the texts.
func wantOutcome(t *testing.T, got outcome, code int, out, err string) {
	t.Helper()
	if got.code != code || !strings.Contains(got.out, out) || !strings.Contains(got.err, err) {
		t.Errorf("exit code %d, want %d\nout: %s (want %q)\nerr: %s (want %q)", got.code, code, got.out, out, got.err, err)
	}
}
