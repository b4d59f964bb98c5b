package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/auth"
)

// patience bounds every wait on a real socket. A test that needs it has failed.
const patience = 60 * time.Second

// realNode is a node on gnet and the loopback, as it is run in production.
type realNode struct {
	*Server
	addr string
}

func realOptions() Options {
	return Options{
		Rules: Rules{
			MaxConnections: 19000, MaxMessageBytes: 1 << 16,
			HeartbeatInterval: 25 * time.Second, HeartbeatTimeout: 10 * time.Second,
			ConnectionTimeout: 300 * time.Second, CleanupInterval: time.Hour, DrainWindow: 2 * time.Second,
		},
		Reactors: 2, MaxSockets: 19000, AdmissionWorkers: 2,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: time.Now}),
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      slog.New(slog.DiscardHandler), NetLog: slog.New(slog.DiscardHandler),
		Now: time.Now, NewID: uuid.New, Seed: 1, Outbound: netpoll.DefaultOutbound,
	}
}

func startReal(t testing.TB, o Options) *realNode {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := l.Stop(ctx); err != nil {
			t.Error("stop:", err)
		}
		s.Close()
	})
	return &realNode{Server: s, addr: l.Addr().String()}
}

// wire is a client on a real socket.
type wire struct {
	net.Conn
	in *bufio.Reader
}

func realToken(t testing.TB, name string) string {
	token, err := auth.Sign(secret, auth.Claims{
		UserID: userID(name), Username: name, IssuedAt: time.Now().Unix(), ExpiresAt: time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func dialWire(addr string) (*wire, error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	return &wire{c, bufio.NewReaderSize(c, 4096)}, nil
}

// join connects as a user, or returns the node's refusal as an error.
func join(addr, token string) (*wire, error) { return joinWith(addr, upgradeRequest(token)) }

func joinWith(addr string, request []byte) (*wire, error) {
	w, err := dialWire(addr)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(request); err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(response.Body)
		return nil, fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(body)))
	}
	return w, nil
}

func mustJoin(t testing.TB, n *realNode, name string) *wire {
	t.Helper()
	w, err := join(n.addr, realToken(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// next reads one frame, in the notation of nextFrame.
func (w *wire) next() (string, error) {
	head, err := w.in.Peek(2)
	if err != nil {
		return "", err
	}
	size, extra := int(head[1]), 0
	if size == 126 {
		extra = 2
		if head, err = w.in.Peek(4); err != nil {
			return "", err
		}
		size = int(head[2])<<8 | int(head[3])
	}
	whole := make([]byte, 2+extra+size)
	if _, err := io.ReadFull(w.in, whole); err != nil {
		return "", err
	}
	line, _ := nextFrame(whole)
	return line, nil
}

// until reads frames up to the first that contains a text.
func (w *wire) until(what string) (string, error) {
	for {
		line, err := w.next()
		if err != nil {
			return "", fmt.Errorf("waiting for %q: %w", what, err)
		}
		if strings.Contains(line, what) {
			return line, nil
		}
	}
}

func (w *wire) say(message string) error {
	_, err := w.Write(frame(1, []byte(message)))
	return err
}

// eventually waits for a condition that the node reaches by itself.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for !holds() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}
