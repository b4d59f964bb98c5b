package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// dialRaw returns a client and its socket, to write bytes that the client would not.
func dialRaw(t *testing.T, url string) (*websocket.Conn, net.Conn) {
	t.Helper()
	var socket net.Conn
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		var dialer net.Dialer
		var err error
		socket, err = dialer.DialContext(ctx, network, addr)
		return socket, err
	}}
	options := &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}}
	c, _, err := websocket.Dial(within(t), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c, socket
}

func host(url string) string {
	authority, _, _ := strings.Cut(strings.TrimPrefix(url, "ws://"), "/")
	return authority
}
