package main

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"momentum/protocol"
)

// TestRequestInPieces sends the handshake a byte at a time, and a frame right after it.
func TestRequestInPieces(t *testing.T) {
	url := start(t, false, 1)
	socket, err := net.Dial("tcp", host(url))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	stream := request + "\x81\x82\x00\x00\x00\x00hi"
	for i := range len(stream) {
		if _, err := socket.Write([]byte{stream[i]}); err != nil {
			t.Fatal(err)
		}
	}
	deadline, _ := within(t).Deadline()
	if err := socket.SetReadDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for b := make([]byte, 512); !bytes.HasSuffix(got, []byte("\r\n\r\n\x81\x02hi")); {
		n, err := socket.Read(b)
		if err != nil {
			t.Fatalf("%v after %q", err, got)
		}
		got = append(got, b[:n]...)
	}
	if !bytes.Contains(got, []byte("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
		t.Errorf("no accept key in %q", got)
	}
}

func TestPlainRequestIsAskedToUpgrade(t *testing.T) {
	socket, err := net.Dial("tcp", host(start(t, false, 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if _, err := socket.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 12)
	if _, err := socket.Read(answer); err != nil || string(answer) != "HTTP/1.1 426" {
		t.Errorf("got %q, %v", answer, err)
	}
}

// TestARequestWithoutAnEndIsRefused, and its bytes are not kept.
func TestARequestWithoutAnEndIsRefused(t *testing.T) {
	s := simulate(t, 1, 1, false, nil)
	p := s.Dial()
	for range protocol.MaxHeadBytes / 64 {
		if len(p.Received()) > 0 {
			t.Fatal("refused before the limit")
		}
		p.Send(bytes.Repeat([]byte("x"), 64))
	}
	if got := string(p.Received()); !strings.HasPrefix(got, "HTTP/1.1 414 ") {
		t.Errorf("answered with %q", got)
	}
	p.HangUp()
	if n := len(s.loops[0].heads); n != 0 {
		t.Errorf("%d requests are kept", n)
	}
}
