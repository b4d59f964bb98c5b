package main

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"momentum/internal/output"
)

func TestEachCommandSendsItsMessage(t *testing.T) {
	for _, tt := range []struct{ line, kind, data string }{
		{"text Hello everyone!", "text", `{"content":"Hello everyone!"}`},
		{"  text   <b> \"é\"  ", "text", `{"content":"<b> \"é\""}`},
		{"notification Deploy at noon", "notification", `{"content":"Deploy at noon"}`},
		{"ping", "ping", `{}`},
	} {
		t.Run(tt.line, func(t *testing.T) {
			s := serve(t, pong)
			wantOutcome(t, client(t, tt.line+"\n", "--url", s.ws()), exitOK, "", "Connected to "+s.ws())
			if len(s.sent()) != 1 {
				t.Fatalf("messages %q", s.sent())
			}
			var m message
			if err := json.Unmarshal([]byte(s.sent()[0]), &m); err != nil {
				t.Fatal(err)
			}
			if m.Type != tt.kind || !sameJSON(t, string(m.Data), tt.data) || uuid.Validate(m.ID) != nil {
				t.Errorf("sent %s", s.sent()[0])
			}
			if sent, err := time.Parse(time.RFC3339, m.Timestamp); err != nil || time.Since(sent) > time.Minute {
				t.Errorf("timestamp %q", m.Timestamp)
			}
			if strings.Contains(s.sent()[0], "_user_id") {
				t.Errorf("the client names a sender, which is up to the server: %s", s.sent()[0])
			}
			if s.closed != websocket.StatusNormalClosure {
				t.Errorf("closed with %d", s.closed)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		t.Fatalf("not JSON: %s, %s", a, b)
	}
	left, _ := json.Marshal(x)
	right, _ := json.Marshal(y)
	return string(left) == string(right)
}

func TestJSONIsSentUnchanged(t *testing.T) {
	const raw = `{"id":"test", "message_type":"ping","data":{},"timestamp":"2024-01-01T00:00:00Z", "more":[1]}`
	s := serve(t, pong)
	got := client(t, "json "+raw+"\n", "--url", s.ws())
	wantOutcome(t, got, exitOK, " pong: test {}", "")
	if len(s.sent()) != 1 || s.sent()[0] != raw {
		t.Errorf("sent %q", s.sent())
	}
}

func TestInvalidLinesSendNothing(t *testing.T) {
	for _, tt := range []struct{ line, out, err string }{
		{"", "", ""},
		{"help", help, ""},
		{"text", "", "text needs words"},
		{"notification  ", "", "notification needs words"},
		{"json", "", "json needs an object"},
		{"json [1]", "", "json needs an object"},
		{"json null", "", "json needs an object"},
		{`json {"a":`, "", "json needs an object"},
		{"shout hello", "", `"shout" is not a command: help lists the commands`},
	} {
		s := serve(t, silence)
		wantOutcome(t, client(t, tt.line+"\n", "--url", s.ws()), exitOK, tt.out, tt.err)
		if len(s.sent()) != 0 {
			t.Errorf("%q sent %q", tt.line, s.sent())
		}
	}
}

func TestALineThatIsTooLongIsAFailure(t *testing.T) {
	s := serve(t, silence)
	got := client(t, "text a\ntext "+strings.Repeat("b", maxLineBytes)+"\ntext c\n", "--url", s.ws())
	wantOutcome(t, got, exitFailed, "", "the rest of the input was not read: a line is longer than 1048576 bytes")
	if len(s.sent()) != 1 {
		t.Errorf("sent %d messages", len(s.sent()))
	}
}

func TestAFailedReadOfTheInputIsAFailure(t *testing.T) {
	s := serve(t, silence)
	in := io.MultiReader(strings.NewReader("text a\n"), iotest.ErrReader(unix.EIO))
	wantOutcome(t, clientReading(t, in, "--url", s.ws()), exitFailed, "", "the rest of the input was not read: "+unix.EIO.Error())
	if len(s.sent()) != 1 || s.closed != websocket.StatusNormalClosure {
		t.Errorf("sent %q, closed with %d", s.sent(), s.closed)
	}
}

// full is an output on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, unix.ENOSPC }

// The input does not end: the client exits because its output cannot be seen.
func TestAFailedWriteOfTheOutputIsAFailure(t *testing.T) {
	s := serve(t, pong)
	for _, args := range [][]string{{"--url", s.ws(), "--token", "x"}, {"--help"}} {
		in, open := io.Pipe()
		go io.WriteString(open, "ping\n")
		var err strings.Builder
		code := run(t.Context(), args, func(string) string { return "" }, streams{in, output.NewStream(full{}), &err})
		if code != exitFailed || !strings.Contains(err.String(), "cannot write to standard output: no space left on device") {
			t.Errorf("%q: exit code %d, %s", args, code, err.String())
		}
		open.Close()
	}
}

func TestQuitIgnoresTheRestOfTheInput(t *testing.T) {
	s := serve(t, silence)
	wantOutcome(t, client(t, "text a\nquit\ntext b\n", "--url", s.ws()), exitOK, "", "")
	if len(s.sent()) != 1 || s.closed != websocket.StatusNormalClosure {
		t.Errorf("sent %q, closed with %d", s.sent(), s.closed)
	}
}

// A script must see the answers although its input ends before they arrive.
func TestAnswersAreAwaitedAfterTheEndOfTheInput(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, _ int, payload []byte) {
		var m message
		_ = json.Unmarshal(payload, &m)
		reply := `{"id":"e","message_type":"error","data":{"code":"no","message":"not that","ref_id":"` + m.ID + `"},"timestamp":"x"}`
		_ = ws.Write(context.Background(), websocket.MessageText, []byte(reply))
	})
	got := client(t, "text a\nping\ntext b\n", "--url", s.ws())
	if wantOutcome(t, got, exitOK, "error: no, not that", ""); strings.Count(got.out, "\n") != 3 {
		t.Errorf("out: %s", got.out)
	}
}

func TestTheWaitForAnswersIsBounded(t *testing.T) {
	start := time.Now()
	s := serve(t, silence)
	wantOutcome(t, client(t, "ping\n", "--url", s.ws()), exitOK, "", "some messages were not answered within 1s")
	if took := time.Since(start); took < lingerTimeout || took > 4*lingerTimeout {
		t.Errorf("took %v", took)
	}
}

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

func TestASignalClosesTheConnection(t *testing.T) {
	s := serve(t, silence)
	conn, err := dial(t.Context(), s.ws(), "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, signal := context.WithCancel(t.Context())
	signal()
	in, open := io.Pipe()
	defer open.Close()
	if code := converse(ctx, conn, streams{in, output.NewStream(io.Discard), io.Discard}, 0); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	<-s.over
	if s.closed != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", s.closed)
	}
}

func TestAutomaticPingsAreSentUnlessTurnedOff(t *testing.T) {
	pinged := make(chan struct{}, 1)
	s := serve(t, func(ws *websocket.Conn, n int, payload []byte) {
		pong(ws, n, payload)
		select {
		case pinged <- struct{}{}:
		default:
		}
	})
	conn, err := dial(t.Context(), s.ws(), "")
	if err != nil {
		t.Fatal(err)
	}
	in, open := io.Pipe()
	go func() {
		<-pinged
		open.Close()
	}()
	if code := converse(t.Context(), conn, streams{in, output.NewStream(io.Discard), io.Discard}, time.Millisecond); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(s.sent()[0], `"message_type":"ping"`) {
		t.Errorf("sent %q", s.sent()[0])
	}
}
