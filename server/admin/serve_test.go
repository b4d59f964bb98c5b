package admin

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPublicBindNeedsAToken(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8001": true, "127.8.9.1:1": true, "localhost:8001": true, "[::1]:8001": true, "[::ffff:127.0.0.1]:1": true,
		"0.0.0.0:8001": false, ":8001": false, "[::]:8001": false, "192.0.2.1:8001": false, "host.example:8001": false, "8001": false,
	} {
		if err := CheckBind(addr, ""); (err == nil) != ok {
			t.Errorf("%s without a token: %v", addr, err)
		}
		if err := CheckBind(addr, "token"); err != nil {
			t.Errorf("%s with a token: %v", addr, err)
		}
	}
}

// TestUnreadBodyEndsTheConnectionAtOnce announces bodies that never come, in requests that are answered without them. The
// answer and the end of the connection follow at once, on either port, and not after the time that a body may take.
func TestUnreadBodyEndsTheConnectionAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	handed := ConnListener(l.Addr(), 8)
	sidecar := NewHTTPServer(newSidecar(t, "a token"), slog.New(slog.DiscardHandler), time.Now)
	var serving sync.WaitGroup
	serving.Go(func() { _ = sidecar.Serve(l) })
	serving.Go(func() { _ = sidecar.Serve(handed) })
	t.Cleanup(func() { sidecar.Close(); serving.Wait() })
	dials := map[string]func() net.Conn{
		"the admin port": func() net.Conn {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
		"the WebSocket port": func() net.Conn {
			near, far := net.Pipe()
			handed.Offer(far, func() {})
			return near
		},
	}
	for name, dial := range dials {
		for request, want := range map[string]string{
			"POST /ws/broadcast HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n":                             "401",
			"POST /ws/broadcast HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{":                            "401",
			"POST /ws/broadcast HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n":            "401",
			"POST /readyz HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n":                                   "405",
			"PUT /anything HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n":                                  "404",
			"GET /demo/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n":                                     "200",
			"GET /ws/stats HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a token\r\nContent-Length: 100\r\n\r\n": "200",
		} {
			c := dial()
			started := time.Now()
			_ = c.SetDeadline(started.Add(patience))
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(c)
			if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 "+want+" ") {
				t.Errorf("%s answers %q with %q, %v", name, request, answer, err)
			}
			if took := time.Since(started); took > readTimeout/2 { // a machine may be busy; without a bound it is all of it
				t.Errorf("%s ends %q after %v", name, request, took)
			}
			c.Close()
		}
	}
}

// TestConnectionIsReusedAfterABodyWasRead holds that a request whose body was read does not end its connection on the admin
// port, although by this clock the wait for a body that was not read is always over.
func TestConnectionIsReusedAfterABodyWasRead(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sidecar := NewHTTPServer(newSidecar(t, "a token"), slog.New(slog.DiscardHandler), func() time.Time { return time.Unix(1, 0) })
	var serving sync.WaitGroup
	serving.Go(func() { _ = sidecar.Serve(l) })
	t.Cleanup(func() { sidecar.Close(); serving.Wait() })
	dials := 0
	client := http.Client{Timeout: patience, Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials++
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	for range 3 {
		r, err := http.NewRequest("POST", "http://"+l.Addr().String()+"/ws/cleanup", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer a token")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != 200 {
			t.Fatalf("%d, %v", answer.StatusCode, err)
		}
		answer.Body.Close()
	}
	if dials != 1 {
		t.Errorf("3 calls took %d connections", dials)
	}
}
