package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// start serves on a free port and returns its URL.
func start(t *testing.T, broadcast bool, reactors int) string {
	t.Helper()
	l, err := serve(config{"127.0.0.1:0", broadcast, reactors, slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return "ws://" + l.Addr().String() + "/any/path?at=all"
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(within(t), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(maxMessageBytes + 1)
	t.Cleanup(func() { c.CloseNow() })
	return c
}

func expect(t *testing.T, c *websocket.Conn, kind websocket.MessageType, want []byte) {
	t.Helper()
	got, payload, err := c.Read(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if got != kind || !bytes.Equal(payload, want) {
		t.Fatalf("got %v of %d bytes, want %v of %d", got, len(payload), kind, len(want))
	}
}

func TestEchoKeepsOpcodeAndPayload(t *testing.T) {
	c := dial(t, start(t, false, 2))
	for _, size := range []int{0, 1, 125, 126, 127, 65535, 65536, 65537, 1 << 20, maxMessageBytes} {
		for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
			t.Run(fmt.Sprint(kind, size), func(t *testing.T) {
				payload := bytes.Repeat([]byte("momentum"), size/8+1)[:size]
				if err := c.Write(within(t), kind, payload); err != nil {
					t.Fatal(err)
				}
				expect(t, c, kind, payload)
			})
		}
	}
}

func TestEchoJoinsFragments(t *testing.T) {
	c := dial(t, start(t, false, 1))
	w, err := c.Writer(within(t), websocket.MessageText)
	if err != nil {
		t.Fatal(err)
	}
	piece := []byte(strings.Repeat("x", 5000)) // larger than the client's buffer, so each becomes a frame
	for range 4 {
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, c, websocket.MessageText, bytes.Repeat(piece, 4))
}

func TestEchoAnswersPing(t *testing.T) {
	c := dial(t, start(t, false, 1))
	c.CloseRead(context.Background()) // pongs are read in the background
	if err := c.Ping(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestBroadcastReachesAllClientsAndItsSender(t *testing.T) {
	url := start(t, true, 2)
	all := make([]*websocket.Conn, 10)
	for i := range all {
		all[i] = dial(t, url)
	}
	for round := range 3 {
		for i, sender := range all {
			payload := fmt.Appendf(nil, "round %d from %d", round, i)
			if err := sender.Write(within(t), websocket.MessageBinary, payload); err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				expect(t, c, websocket.MessageBinary, payload)
			}
		}
	}
}

func TestBroadcastKeepsEachSendersOrder(t *testing.T) {
	url := start(t, true, 2)
	sender, others := dial(t, url), []*websocket.Conn{dial(t, url), dial(t, url), dial(t, url)}
	const messages = 500
	go func() {
		for i := range messages {
			if sender.Write(within(t), websocket.MessageText, fmt.Append(nil, i)) != nil {
				return // the readers fail
			}
		}
	}()
	for _, c := range append(others, sender) {
		for i := range messages {
			expect(t, c, websocket.MessageText, fmt.Append(nil, i))
		}
	}
}

func TestCloseFrameIsAnswered(t *testing.T) {
	url := start(t, false, 1)
	for _, code := range []websocket.StatusCode{websocket.StatusNormalClosure, websocket.StatusGoingAway, 3000, 4999} {
		if err := dial(t, url).Close(code, "done"); err != nil {
			t.Errorf("closing with %d: %v", code, err)
		}
	}
}

// TestProtocolErrorsGetTheirCloseCode sends raw frames, masked with zeros, since no client library sends invalid ones.
func TestProtocolErrorsGetTheirCloseCode(t *testing.T) {
	url := start(t, false, 1)
	for _, test := range []struct {
		name  string
		frame string
		code  websocket.StatusCode
	}{
		{"§5.1 not masked", "\x81\x02hi", websocket.StatusProtocolError},
		{"§5.2 reserved bit", "\xc1\x80\x00\x00\x00\x00", websocket.StatusProtocolError},
		{"§5.2 reserved opcode", "\x83\x80\x00\x00\x00\x00", websocket.StatusProtocolError},
		{"§5.4 continuation without a message", "\x80\x80\x00\x00\x00\x00", websocket.StatusProtocolError},
		{"§5.5.1 one byte of code", "\x88\x81\x00\x00\x00\x00\x03", websocket.StatusProtocolError},
		{"§8.1 not UTF-8", "\x81\x81\x00\x00\x00\x00\xff", websocket.StatusInvalidFramePayloadData},
		{"§7.4.1 too big", "\x82\xff\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00", websocket.StatusMessageTooBig},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, socket := dialRaw(t, url)
			if _, err := socket.Write([]byte(test.frame)); err != nil {
				t.Fatal(err)
			}
			_, _, err := c.Read(within(t))
			if refusal := (websocket.CloseError{}); !errors.As(err, &refusal) || refusal.Code != test.code {
				t.Errorf("got %v, want code %d", err, test.code)
			}
		})
	}
}

// TestFramesBeforeAProtocolErrorAreAnswered, also if they came in the same read.
func TestFramesBeforeAProtocolErrorAreAnswered(t *testing.T) {
	c, socket := dialRaw(t, start(t, false, 1))
	if _, err := socket.Write([]byte("\x81\x82\x00\x00\x00\x00hi\x83\x80\x00\x00\x00\x00")); err != nil {
		t.Fatal(err)
	}
	expect(t, c, websocket.MessageText, []byte("hi"))
	if _, _, err := c.Read(within(t)); websocket.CloseStatus(err) != websocket.StatusProtocolError {
		t.Errorf("got %v, want 1002", err)
	}
}

// TestEchoCompressed exchanges compressed messages of every size with a client that offers permessage-deflate.
func TestEchoCompressed(t *testing.T) {
	c, response, err := websocket.Dial(within(t), start(t, false, 1), &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(maxMessageBytes + 1)
	if got := response.Header.Get("Sec-WebSocket-Extensions"); !strings.HasPrefix(got, "permessage-deflate; server_no_context_takeover; client_no_context_takeover") {
		t.Fatalf("the offer was answered with %q", got)
	}
	for _, size := range []int{0, 1, 100, 1000, 65536, 1 << 20} {
		payload := bytes.Repeat([]byte("momentum "), size/9+1)[:size]
		if err := c.Write(within(t), websocket.MessageText, payload); err != nil {
			t.Fatal(err)
		}
		expect(t, c, websocket.MessageText, payload)
	}
}
