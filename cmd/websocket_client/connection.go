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

// connection is one WebSocket connection. A goroutine reads from it all the time, which also answers the server's
// heartbeats.
type connection struct {
	ws *websocket.Conn
	// received gets every message, and at the end the error that ended the connection.
	received chan received
	end      context.CancelFunc // stops the reading goroutine
}

// received is a message, or the error after which there are no more.
type received struct {
	at      time.Time
	payload []byte
	err     error
}

// dial connects. The token goes into a header, because URLs appear in the logs of proxies.
func dial(ctx context.Context, address, token string) (*connection, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	handshake, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	ws, response, err := websocket.Dial(handshake, address, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, refusalError(response, err)
	}
	ws.SetReadLimit(maxMessageBytes)
	reading, end := context.WithCancel(context.Background())
	c := &connection{ws: ws, received: make(chan received, receivedBacklog), end: end}
	go c.read(reading)
	return c, nil
}

// read passes messages on, until the connection or ctx ends.
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

// send writes one message. An error also ends the connection, so that received reports it.
func (c *connection) send(payload []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	_ = c.ws.Write(ctx, websocket.MessageText, payload)
}

// allAnswered returns a channel that is closed when the server has handled everything that was sent so far. A pong
// frame shows that: the server handles the frames of a connection in order.
func (c *connection) allAnswered(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		if c.ws.Ping(ctx) == nil {
			close(done)
		}
	}()
	return done
}

// closeNormally closes the connection with a closing handshake (RFC 6455 §7.1.2).
func (c *connection) closeNormally() { _ = c.ws.Close(websocket.StatusNormalClosure, "") }

// abort closes the socket if it is still open, and stops the reading goroutine.
func (c *connection) abort() {
	c.end()
	_ = c.ws.CloseNow()
}

// refusalError makes an error of the server's answer, or of the error that came instead of one.
func refusalError(response *http.Response, err error) error {
	if response == nil || response.StatusCode == http.StatusSwitchingProtocols {
		var inURL *url.Error // it contains the URL with its token
		if errors.As(err, &inURL) {
			return inURL.Err
		}
		return err
	}
	reason := response.Status
	if wait := response.Header.Get("Retry-After"); wait != "" {
		reason += " (try again after " + wait + " seconds)"
	}
	body, _ := io.ReadAll(response.Body) // the library keeps the first kilobyte
	var refusal struct{ Error, Message string }
	if json.Unmarshal(body, &refusal) == nil && refusal.Error != "" {
		return errors.New(reason + ": " + refusal.Error + ": " + refusal.Message)
	}
	if len(body) > 0 {
		return errors.New(reason + ": " + string(body))
	}
	return errors.New(reason)
}
