package e2e

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// slowRequests are the ways in which a plain HTTP request holds on to a server.
var slowRequests = map[string]string{
	"a body that never comes":        "POST /ws/stats HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n",
	"JSON that never comes":          "POST /ws/cleanup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	"a chunked body without an end":  "POST /ws/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
	"a header without an end":        "GET /ws/stats HTTP/1.1\r\nHost: a\r\nX: ",
	"an answer that nobody reads":    "GET /docs/openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n",
	"an answer, read byte by byte":   "GET /demo/demo.css HTTP/1.1\r\nHost: a\r\n\r\n",
	"a probe with a body":            "POST /readyz HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n",
	"a probe that is sent for ever":  "GET /readyz HTTP/1.1\r\nHost: a\r\nX: ",
	"a probe whose answer is unread": "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n",
}

// TestPlainRequestsDoNotTakeANodeOutOfItsBalancer floods a node with plain HTTP requests that hold on to it, from one
// address and from many, directly and through HAProxy. HAProxy must go on sending clients, and they get in, with its
// health check on either port.
func TestPlainRequestsDoNotTakeANodeOutOfItsBalancer(t *testing.T) {
	for name, check := range map[string]func(*serving) string{
		"check on the admin port":     func(s *serving) string { return checkOf(s.admin) },
		"check on the WebSocket port": func(*serving) string { return "check" },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "TRUSTED_PROXIES=127.0.0.1", "WS_MAX_CONNECTIONS_PER_IP=200", "WS_MAX_CONNECTIONS_PER_USER=0")
			f, log := behindHAProxy(t, s, check(s))
			states := balancerStates(log)
			flood := startFlood(s.ws, f.plain)
			defer flood.stop()
			token := signFor(t, "alice")
			for flood.goesOn() {
				c, response, err := f.connect(t, "ws", "127.0.0.9", token, nil)
				if err != nil {
					t.Fatalf("a client does not get in: %v, %v", response, err)
				}
				_ = c.CloseNow()
				probe(t, s.ws)
			}
			log.Close()
			for line := range states {
				if strings.Contains(line, "DOWN") {
					t.Errorf("HAProxy says: %s", line)
				}
			}
		})
	}
}

// TestPlainRequestsCountForTheirAddress has requests wait for their bodies in the sidecar: their address has no room for
// a client until one of them has ended. A probe is answered all the while, and at the end nothing is counted.
func TestPlainRequestsCountForTheirAddress(t *testing.T) {
	const limit = 3
	s := serve(t, fmt.Sprintf("WS_MAX_CONNECTIONS_PER_IP=%d", limit))
	var held [limit]net.Conn
	for i := range held {
		c, err := net.Dial("tcp", s.ws)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, slowRequests["JSON that never comes"]); err != nil {
			t.Fatal(err)
		}
		held[i] = c
	}
	await(t, "the requests are handed over", func() bool {
		_, stats := ask(t, "GET", "http://"+s.admin+"/ws/stats", "")
		return strings.Contains(stats, fmt.Sprintf(`"http_handed_over":%d`, limit))
	})
	status := func() int {
		status, _ := ask(t, "GET", "http://"+s.ws+"/ws/stats", "")
		return status
	}
	if got := status(); got != 429 {
		t.Errorf("with %d requests in the sidecar, another is answered %d, want 429", limit, got)
	}
	probe(t, s.ws)
	held[0].Close()
	await(t, "a place is free", func() bool { return status() == 200 })
	for _, c := range held {
		c.Close()
	}
	await(t, "nothing is counted", func() bool {
		_, found := ask(t, "GET", "http://"+s.admin+"/debug/consistency", "")
		return strings.Contains(found, `"consistent":true`)
	})
}

// await tries until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-again.C {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// balancerStates collects the lines of HAProxy's log about its servers.
func balancerStates(log net.PacketConn) <-chan string {
	states := make(chan string, 100)
	go func() {
		defer close(states)
		line := make([]byte, 4096)
		for {
			n, _, err := log.ReadFrom(line)
			if err != nil {
				return
			}
			if text := string(line[:n]); strings.Contains(text, "Server nodes/") {
				states <- text
			}
		}
	}()
	return states
}

// flood is the connections of the attackers.
type flood struct {
	until time.Time
	done  chan struct{}
	all   sync.WaitGroup
}

// startFlood has 34 attackers come every second to each target. They take turns with the kinds of requests; half of them
// share an address, and the others have a hundred.
func startFlood(targets ...string) *flood {
	const lasts, attackers = 8 * time.Second, 34
	f := &flood{until: time.Now().Add(lasts), done: make(chan struct{})}
	kinds := slices.Collect(maps.Values(slowRequests))
	wave := func(n int) {
		for i := range attackers {
			from := net.IPv4(127, 0, 0, 5)
			if i%2 == 0 {
				from = net.IPv4(127, 0, 1, byte(1+(i+n*attackers)%100))
			}
			for _, to := range targets {
				f.all.Go(func() { f.attack(from, to, kinds[(i/2+n)%len(kinds)]) })
			}
		}
	}
	f.all.Go(func() {
		again := time.NewTicker(time.Second)
		defer again.Stop()
		for n := 0; ; n++ {
			wave(n)
			select {
			case <-again.C:
			case <-f.done:
				return
			}
		}
	})
	return f
}

func (f *flood) goesOn() bool { return time.Now().Before(f.until) }

func (f *flood) stop() {
	close(f.done)
	f.all.Wait()
}

// attack sends a request and then holds the connection until the server ends it or the flood is over.
func (f *flood) attack(from net.IP, to, request string) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}, Timeout: patience, Control: smallWindow}
	c, err := dialer.Dial("tcp", to)
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = io.WriteString(c, request)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for one := make([]byte, 1); ; {
		select {
		case <-f.done:
			return
		case <-again.C:
		}
		if strings.HasSuffix(request, " ") {
			if _, err := c.Write([]byte("x")); err != nil {
				return
			}
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := c.Read(one); err == io.EOF || err != nil && !isTimeout(err) {
			return
		}
	}
}

// smallWindow makes the receive buffer small, so that an unread answer blocks its sender.
func smallWindow(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1)
	})
}

// probe asks the node itself, as a balancer does that knows no other port.
func probe(t *testing.T, addr string) {
	t.Helper()
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + addr + "/readyz")
	if err != nil {
		t.Fatalf("/readyz on the WebSocket port: %v", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || !bytes.Contains(body, []byte(`"parts"`)) {
		t.Fatalf("/readyz on the WebSocket port answers %d %q, %v", response.StatusCode, body, err)
	}
}
