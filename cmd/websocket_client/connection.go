package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

// connection is one WebSocket connection. A goroutine reads it all the time, for that is also what answers the
// server's heartbeats.
type connection struct {
	ws *websocket.Conn
	// received gets every message and last of all the error that ended the connection.
	received chan received
	end      context.CancelFunc // ends the reading
}

// received is a message, or why there will be no more of them.
type received struct {
	at      time.Time
	payload []byte
	err     error
}

// dial connects. The token goes into a header, because a URL ends up in the logs of proxies.
func dial(ctx context.Context, address, token string) (*connection, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	handshake, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	ws, response, err := websocket.Dial(handshake, address, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, whyRefused(response, err)
	}
	ws.SetReadLimit(maxMessageBytes)
	reading, end := context.WithCancel(context.Background())
	c := &connection{ws: ws, received: make(chan received, receivedBacklog), end: end}
	go c.read(reading)
	return c, nil
}

// read passes on what arrives, until the connection or ctx ends.
func (c *connection) read(ctx context.Context) {
	for {
		_, payload, err := c.ws.Read(ctx)
		select {
		case c.received <- received{time.Now(), payload, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// send writes one message. What prevents it ends the connection as well, and is told by received.
func (c *connection) send(payload []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	_ = c.ws.Write(ctx, websocket.MessageText, payload)
}

// answered returns a channel that is closed when the server has answered all that was sent so far. A pong frame
// tells: the server deals with what a connection sends in order.
func (c *connection) answered(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		if c.ws.Ping(ctx) == nil {
			close(done)
		}
	}()
	return done
}

// goodbye closes the connection the way RFC 6455 §7.1.2 asks for.
func (c *connection) goodbye() { _ = c.ws.Close(websocket.StatusNormalClosure, "") }

// drop lets go of the socket if goodbye has not, and ends the reading.
func (c *connection) drop() {
	c.end()
	_ = c.ws.CloseNow()
}

// whyRefused makes an error of the server's answer, or of what came instead of one.
func whyRefused(response *http.Response, err error) error {
	if response == nil || response.StatusCode == http.StatusSwitchingProtocols {
		var inURL *url.Error // it repeats the URL, token and all
		if errors.As(err, &inURL) {
			return inURL.Err
		}
		return err
	}
	reason := response.Status
	if wait := response.Header.Get("Retry-After"); wait != "" {
		reason += " (try again after " + wait + " seconds)"
	}
	body, _ := io.ReadAll(response.Body) // the library has kept its first kilobyte
	var told struct{ Error, Message string }
	if json.Unmarshal(body, &told) == nil && told.Error != "" {
		return errors.New(reason + ": " + told.Error + ": " + told.Message)
	}
	if len(body) > 0 {
		return errors.New(reason + ": " + string(body))
	}
	return errors.New(reason)
}
