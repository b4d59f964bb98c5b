package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sys/unix"

	momentum "momentum/client"
	"momentum/internal/output"
)

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

func TestARefusalThatTheClientRepeatsSaysSo(t *testing.T) {
	for code, want := range map[string]string{"bus_unavailable": "away (message m1); it is sent again by itself\n", "bad_user_id": "away (message m1)\n"} {
		var out bytes.Buffer
		c := conversation{conn: &connection{}, reporter: reporter{out: &out, known: new(people)}, waiting: map[string]bool{"m1": true}}
		c.show(received{payload: []byte(`{"id":"e","message_type":"error","data":{"code":"` + code + `","message":"away","ref_id":"m1"}}`)})
		if !strings.HasSuffix(out.String(), want) {
			t.Errorf("%q, want %q", out.String(), want)
		}
	}
}

// TestANewPositionIsShownOnce: that of the connection as an event, that of a topic as the server's message.
func TestANewPositionIsShownOnce(t *testing.T) {
	for topic, want := range map[string]string{"": "Messages may be missing: ", "news": " position: 7 of topic news, epoch k3x9; messages may be missing, or come a second time\n"} {
		var out bytes.Buffer
		c := conversation{conn: &connection{resumes: true}, reporter: reporter{out: &out, err: &out, known: new(people)}}
		c.show(received{payload: []byte(`{"id":"p","message_type":"position","data":{"topic":"` + topic + `","seq":7,"epoch":"k3x9"}}`)})
		c.show(received{event: momentum.Resumed{Topic: topic, Reason: "epoch"}})
		if strings.Count(out.String(), "\n") != 1 || !strings.Contains(out.String(), want) {
			t.Errorf("topic %q: %q, want %q", topic, out.String(), want)
		}
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

func TestAMessageWithAckIsAnswered(t *testing.T) {
	s := serve(t, func(ws *websocket.Conn, _ int, _ []byte) {
		_ = ws.Write(t.Context(), websocket.MessageText, []byte(`{"id":"a","message_type":"ack","data":{"seq":3,"online":true,"stored":true},"timestamp":"x"}`))
	})
	got := client(t, `json {"id":"a","message_type":"text","data":1,"ack":true}`+"\n", "--url", s.ws())
	wantOutcome(t, got, exitOK, "ack: a, number 3, online true, stored true (", "") // and the latency
}
