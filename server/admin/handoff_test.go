package admin

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestHandedOverConnectionIsServedOnce(t *testing.T) {
	h := ConnListener(&net.TCPAddr{}, 2)
	server := NewHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "served") }), slog.New(slog.DiscardHandler), time.Now)
	near, far := net.Pipe()
	if !h.Offer(far, func() {}) {
		t.Fatal("an empty handoff refuses")
	}
	done := make(chan error)
	go func() { done <- server.Serve(h) }()
	go func() { _, _ = io.WriteString(near, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") }()
	answer, err := io.ReadAll(near) // up to its end: an answered connection keeps no place
	if err != nil || !strings.HasSuffix(string(answer), "served") {
		t.Fatalf("%q, %v", answer, err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != http.ErrServerClosed {
		t.Fatal(err)
	}
	if _, other := net.Pipe(); h.Offer(other, func() {}) {
		t.Error("a closed handoff accepts a connection")
	}
}

// TestHandoffIsBounded also holds that closed is called once for each connection that was accepted, and never for one that
// was not.
func TestHandoffIsBounded(t *testing.T) {
	h := ConnListener(&net.TCPAddr{}, 2)
	var closed [3]int
	for i, want := range []bool{true, true, false} {
		if _, c := net.Pipe(); h.Offer(c, func() { closed[i]++ }) != want {
			t.Errorf("offer %d of 3 with room for 2: %v", i+1, !want)
		}
	}
	first, err := h.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		first.Close()
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if closed != [3]int{1, 1, 0} {
		t.Errorf("closed was called %v times, want 1, 1 and 0", closed)
	}
}

// closing counts how often it is closed.
type closing struct {
	net.Conn
	closes *atomic.Int64
}

func (c closing) Close() error { c.closes.Add(1); return nil }

// meetings is how often Offer and Close race. With an Offer that did not hold the mutex from its check to its send, one to
// six of these races lost a connection.
const meetings = 150_000

// TestHandoffLosesNoConnectionWhileItCloses holds that Close closes every connection that Offer accepted.
func TestHandoffLosesNoConnectionWhileItCloses(t *testing.T) {
	var taken, closes atomic.Int64
	handoffs := make(chan *Handoff)
	var offering sync.WaitGroup
	offering.Go(func() {
		for h := range handoffs {
			if h.Offer(closing{closes: &closes}, func() {}) {
				taken.Add(1)
			}
		}
	})
	for range meetings {
		h := ConnListener(&net.TCPAddr{}, 1)
		handoffs <- h
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	close(handoffs)
	offering.Wait()
	if taken.Load() != closes.Load() {
		t.Fatalf("took %d connections and closed %d", taken.Load(), closes.Load())
	}
}

func TestHandoffMayBeClosedTwice(t *testing.T) {
	h := ConnListener(&net.TCPAddr{}, 1)
	for range 2 {
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Accept(); err != net.ErrClosed {
		t.Fatalf("Accept on a closed handoff: %v", err)
	}
}

// TestHandedOverConnectionsFollowTheAccessRule holds that a handed-over connection keeps its own addresses, which the access
// rule compares.
func TestHandedOverConnectionsFollowTheAccessRule(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := ConnListener(l.Addr(), 8)
	sidecar := NewHTTPServer(newSidecar(t, ""), slog.New(slog.DiscardHandler), time.Now)
	var serving sync.WaitGroup
	serving.Go(func() { _ = sidecar.Serve(h) })
	var throughProxy atomic.Bool
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			if throughProxy.Load() {
				c = Proxied(c)
			}
			h.Offer(c, func() {})
		}
	})
	t.Cleanup(func() { l.Close(); sidecar.Close(); serving.Wait() })

	for _, tt := range []struct {
		forwarded string
		proxied   bool
		want      int
	}{{"", false, 200}, {"192.0.2.7", false, 403}, {"", true, 403}} {
		throughProxy.Store(tt.proxied)
		r, err := http.NewRequest("GET", "http://"+l.Addr().String()+"/ws/stats", nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		r.Close = true
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != tt.want {
			t.Errorf("%+v: %d", tt, answer.StatusCode)
		}
	}
}

// TestResetProxiedConnectionDoesNotPanic serves a connection that its peer has reset before it was accepted: the kernel no
// longer knows the peer's address, and net/http asks for it where no panic is recovered.
func TestResetProxiedConnectionDoesNotPanic(t *testing.T) {
	h := ConnListener(&net.TCPAddr{}, 1)
	server := NewHTTPServer(newSidecar(t, ""), slog.New(slog.DiscardHandler), time.Now)
	near, far := net.Pipe()
	if !h.Offer(Proxied(gone{far}), func() {}) {
		t.Fatal("an empty handoff refuses")
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(h) })
	serving.Go(func() { _, _ = io.WriteString(near, "GET /ws/stats HTTP/1.1\r\nHost: localhost\r\n\r\n") })
	answer, err := io.ReadAll(near)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 403 ") {
		t.Errorf("%q, %v", answer, err)
	}
	server.Close()
	serving.Wait()
}

// gone is a connection without a remote address, as net.FileConn returns for a socket that was reset.
type gone struct{ net.Conn }

func (gone) RemoteAddr() net.Addr { return nil }
