package crowd

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

func TestAPingIsAnswered(t *testing.T) {
	got := make(chan []byte, 1)
	release := make(chan struct{})
	defer close(release)
	addr := serve(t, func(_ int, _ string, c net.Conn) {
		fmt.Fprint(c, accept, "\x89\x00")
		b := make([]byte, len(pong))
		_, _ = io.ReadFull(c, b)
		got <- b
		<-release
	})
	c := open(t, Options{}, 1, addr)
	if err := c.Run(patience, func() bool { return len(got) == 1 }); err != nil {
		t.Fatal(err)
	}
	if b := <-got; string(b) != string(pong) || c.Figures.Pings != 1 {
		t.Errorf("%x, %+v", b, c.Figures)
	}
}

func TestAllThatArrivesAtOnceIsRead(t *testing.T) {
	sent, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	frames := strings.Repeat(text(`{"id":"00000000-0000-0000-0000-00000000000z","data":{"content":"%0500d"},"seq":9}`, 0), 3*readBytes/500)
	addr := serve(t, func(_ int, _ string, c net.Conn) {
		fmt.Fprint(c, accept)
		<-sent
		fmt.Fprint(c, frames)
		sent <- struct{}{}
		<-release
	})
	received := 0
	c := open(t, Options{Received: func(*Message) error { received++; return nil }}, 1, addr)
	if err := c.Connect(patience); err != nil {
		t.Fatal(err)
	}
	sent <- struct{}{}
	<-sent
	if err := c.Run(patience, func() bool { return received == 3*readBytes/500 }); err != nil {
		t.Fatalf("%d messages: %v", received, err)
	}
}

func TestFramesAreFoundByTheirLengths(t *testing.T) {
	long := text("%0200d", 0)
	for b, want := range map[string]struct{ payload, rest int }{
		"": {-1, 0}, "\x81": {-1, 0}, "\x81\x02a": {-1, 0}, "\x81\x02abc": {2, 1}, "\x81\x00": {0, 0}, long[:3]: {-1, 0}, long[:150]: {-1, 0}, long + "xy": {200, 2},
	} {
		_, payload, rest, err := frame([]byte(b))
		got := len(payload)
		if payload == nil {
			got = -1
		}
		if err != nil || got != want.payload || len(rest) != want.rest {
			t.Errorf("%x: a payload of %d bytes and %d more, %v", b, got, len(rest), err)
		}
	}
	if _, _, _, err := frame([]byte("\x81\x7f")); err != errTooLong {
		t.Errorf("a frame of 64 KiB: %v", err)
	}
}
