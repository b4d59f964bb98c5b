package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// longestMessage is the largest WS_MAX_MESSAGE_BYTES, 512 KiB, and room for the server's own fields.
const longestMessage = 1 << 20

// client holds one connection, and opens another when that one is lost.
type client struct {
	url   string
	token string
	lines chan string // lines to send
}

// message is the envelope of everything that is sent and received. docs/PROTOCOL.md has all of its fields.
type message struct {
	Type     string `json:"message_type"`
	Data     any    `json:"data,omitempty"`
	From     string `json:"from_user_id,omitempty"`
	ToUserID string `json:"to_user_id,omitempty"`
}

// stayConnected returns nil when ctx ends, and an error when another attempt would fail like the last one.
func (c *client) stayConnected(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		connected, lost := c.converse(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end of ctx is no fault of the connection's
		}
		if connected {
			attempt = 0
		}
		wait, again := delay(lost, attempt)
		if !again {
			return lost
		}
		fmt.Printf("%v; trying again in %v\n", lost, wait)
		if !pause(ctx, wait) {
			return nil
		}
	}
}

// converse opens a connection and uses it until it is lost. It reports whether the handshake succeeded.
func (c *client) converse(ctx context.Context) (connected bool, lost error) {
	conn, response, err := websocket.Dial(ctx, //nolint:bodyclose // the library closes it
		c.url, &websocket.DialOptions{
			HTTPHeader: http.Header{"Authorization": {"Bearer " + c.token}},
		})
	if err != nil {
		return false, refused(response, err)
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(longestMessage)
	fmt.Println("connected")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go c.send(ctx, conn)
	for {
		var m message
		if err := wsjson.Read(ctx, conn, &m); err != nil {
			return true, err
		}
		fmt.Printf("%s from %q: %v\n", m.Type, m.From, m.Data)
	}
}

// send writes lines until the connection is lost; the reader finds out why.
func (c *client) send(ctx context.Context, conn *websocket.Conn) {
	for {
		select {
		case line := <-c.lines:
			if wsjson.Write(ctx, conn, message{Type: "text", Data: map[string]string{"content": line}}) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
