package main

import (
	"errors"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestDelay(t *testing.T) {
	closed := func(code websocket.StatusCode, reason string) error {
		return websocket.CloseError{Code: code, Reason: reason}
	}
	for _, tt := range []struct {
		name     string
		lost     error
		attempt  int
		from, to time.Duration
		again    bool
	}{
		{"the server names a time for the handshake", refusal{status: 503, retryAfter: "7"}, 0, 7 * time.Second, 7 * time.Second, true},
		{"refused for good", refusal{status: 401}, 0, 0, 0, false},
		{"the server names a time when it restarts", closed(1012, "the node is restarting; reconnect in 9 s"), 0, 9 * time.Second, 9 * time.Second, true},
		{"a restart without a time", closed(1012, ""), 0, 0, firstDelay, true},
		{"going away", closed(1001, ""), 1, 0, 2 * firstDelay, true},
		{"disconnected by the administrator", closed(4004, ""), 0, 0, 0, false},
		{"no network", errors.New("connection refused"), 2, 0, 4 * firstDelay, true},
		{"no network for a long time", errors.New("connection refused"), 1000, 0, longestDelay, true},
	} {
		if wait, again := delay(tt.lost, tt.attempt); again != tt.again || wait < tt.from || wait > tt.to {
			t.Errorf("%s: %v, %v; want %v to %v, %v", tt.name, wait, again, tt.from, tt.to, tt.again)
		}
	}
}
