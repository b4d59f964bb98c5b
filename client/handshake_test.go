package client

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
)

func TestRequestsHaveTokenAndPosition(t *testing.T) {
	for _, tt := range []struct{ url, token, position, uri, protocol string }{
		{"ws://host/ws", "a.b-c_d", "", "/ws?resume=", "momentum, a.b-c_d"},
		{"ws://host/ws?token=a.b", "", "e1.1.2", "/ws?token=a.b&resume=e1.1.2", ""},
		{"ws://host/ws?resume=e0.3.4&x=1", "", "", "/ws?resume=e0.3.4&x=1", ""},
		{"ws://host/ws?resume=e0.3.4&x=1", "", "e1.1.2", "/ws?x=1&resume=e1.1.2", ""},
	} {
		u, _ := url.Parse(tt.url)
		request, err := opening{url: u, token: tt.token, resume: true, position: tt.position, header: http.Header{"Origin": {"x"}}}.request("key")
		if err != nil {
			t.Fatal(err)
		}
		if got := request.URL.RequestURI(); got != tt.uri || request.Header.Get("Sec-WebSocket-Protocol") != tt.protocol || request.Header.Get("Origin") != "x" || request.Header.Get("Sec-WebSocket-Key") != "key" {
			t.Error(got, request.Header)
		}
	}
}

func TestATokenCanBeABearer(t *testing.T) {
	u, _ := url.Parse("ws://host/ws")
	request, err := opening{url: u, token: "t1", bearer: true}.request("key")
	if err != nil || request.Header.Get("Authorization") != "Bearer t1" || request.Header.Get("Sec-WebSocket-Protocol") != "" {
		t.Error(request, err)
	}
}

func TestATokenCannotAddAHeader(t *testing.T) {
	u, _ := url.Parse("ws://host/ws")
	for _, token := range []string{"a\r\nX: y", "a b", "a,b", "é"} {
		if _, err := (opening{url: u, token: token}).request("key"); !errors.Is(err, errBadToken) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestA101IsChecked(t *testing.T) {
	const key, accept = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" // of RFC 6455 §1.3
	for _, tt := range []struct {
		name, header, value string
		ok                  bool
	}{
		{"right", "Server", "x", true},
		{"a list", "Connection", "keep-alive, upgrade", true},
		{"the subprotocol", "Sec-WebSocket-Protocol", "momentum", true},
		{"no upgrade", "Upgrade", "h2c", false},
		{"no connection", "Connection", "keep-alive", false},
		{"another key", "Sec-WebSocket-Accept", "AAAA", false},
		{"an extension", "Sec-WebSocket-Extensions", "permessage-deflate", false},
		{"a subprotocol", "Sec-WebSocket-Protocol", "t1", false},
	} {
		header := http.Header{"Upgrade": {"WebSocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Accept": {accept}}
		header.Set(tt.header, tt.value)
		if err := (opening{token: "t1"}).check(header, key); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	header := http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Accept": {accept}, "Sec-Websocket-Protocol": {"momentum"}}
	if (opening{}).check(header, key) == nil {
		t.Error("a subprotocol that was not offered")
	}
}

func TestKeysDiffer(t *testing.T) {
	if a, b := newKey(), newKey(); a == b || len(a) != 24 {
		t.Error(a, b)
	}
}
