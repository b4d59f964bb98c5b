package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestCloseFramesOfTheServerAreReported(t *testing.T) {
	for _, tt := range []struct {
		code         websocket.StatusCode
		reason, want string
	}{
		{1012, "the node is restarting; reconnect in 9 s", `Connection closed by the server: 1012 service restart, "the node is restarting; reconnect in 9 s": reconnect when the reason says, or to another node`},
		{1001, "", "1001 going away: reconnect\n"},
		{1009, "", "1009 message too big: reconnect, and send smaller messages"},
		{1002, "", "1002 protocol error: do not reconnect with this client"},
		{4001, "the token has expired", `4001 token expired, "the token has expired": reconnect with a new token`},
		{4002, "", "4002 token revoked: get a new token"},
		{4003, "", "4003 user not active: do not reconnect before the operator has activated the user"},
		{4004, "see you", `4004 disconnected by the administrator, "see you": do not reconnect at once`},
		{4999, "a\x1b[2Jb", `4999 private code, "a\x1b[2Jb": the reason says whether to reconnect`},
	} {
		s := serve(t, func(ws *websocket.Conn, _ int, _ []byte) { _ = ws.Close(tt.code, tt.reason) })
		in, open := io.Pipe() // the input never ends: the client exits because of the close frame
		go io.WriteString(open, "text bye\n")
		wantOutcome(t, clientReading(t, in, "--url", s.ws()), exitFailed, "", tt.want)
		open.Close()
	}
}

func TestALostConnectionIsReported(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, _ int, _ []byte) { _ = ws.CloseNow() })
	in, open := io.Pipe()
	go io.WriteString(open, "text bye\n")
	wantOutcome(t, clientReading(t, in, "--url", s.ws()), exitFailed, "", "Connection lost without a close frame")
	open.Close()
}

func TestAFailedAttemptIsNoLostConnection(t *testing.T) {
	_, err := (&net.Dialer{Timeout: time.Nanosecond}).Dial("tcp", "192.0.2.1:8000")
	if got := closeReport(fmt.Errorf("cannot connect: %w", err)); !strings.HasPrefix(got, "No connection (cannot connect: dial tcp 192.0.2.1:8000: ") {
		t.Error(got)
	}
}
