package main

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestARefusalIsAnError(t *testing.T) {
	err := openFleet(t, http.NotFoundHandler(), &plainDialect).connect(1, func(time.Duration) {})
	if err == nil || !strings.Contains(err.Error(), "HTTP/1.1 404") {
		t.Errorf("a 404 is the error %v", err)
	}
}

// TestAMessageThatWasNotSentIsAnError, unless the dialect has such messages. It comes in one read with the answer.
func TestAMessageThatWasNotSentIsAnError(t *testing.T) {
	greeter := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "+accepted+"\r\n\r\n\x81\x07welcome")
		_, _ = c.Read(make([]byte, 1)) // until the client closes
	})
	if err := openFleet(t, greeter, &plainDialect).connect(1, func(time.Duration) {}); !errors.Is(err, errEarly) {
		t.Errorf("in the plain dialect: %v", err)
	}
	if err := openFleet(t, greeter, &productDialect).connect(1, func(time.Duration) {}); err != nil {
		t.Errorf("in the product's dialect: %v", err)
	}
}

func TestConnectionsAreNumberedInTheirOrder(t *testing.T) {
	f := connectFleet(t, plainServer{newMembers(), false}, &plainDialect, 3)
	for i := range f.conns {
		if c := &f.conns[i]; c.index != i || c.state != stateOpen || c.head != nil {
			t.Errorf("connection %d: %+v", i, c)
		}
	}
}
