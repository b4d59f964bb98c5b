package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestNoCallThroughAProxyIsLocal sends admin calls to the WebSocket port through a proxy on this host. Their sockets come from
// loopback, and the requests need not show that there is a proxy.
func TestNoCallThroughAProxyIsLocal(t *testing.T) {
	const (
		remote  = "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\n"
		local   = "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n"
		local6  = "PROXY TCP6 ::1 ::1 1 2\r\n"
		unknown = "PROXY UNKNOWN\r\n"
		itself  = "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
		binary  = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01\x00\x01\x00\x02"
	)
	for _, node := range []struct {
		name string
		env  []string
		want map[string]int // by the PROXY header before the request
	}{
		{"proxies on this host are trusted", []string{"TRUSTED_PROXIES=127.0.0.1,::1"},
			map[string]int{"": 403, remote: 403, local: 403, local6: 403, unknown: 403, itself: 403, binary: 403, local + local: 400}},
		{"with a limit", []string{"TRUSTED_PROXIES=127.0.0.0/8", "WS_MAX_CONNECTIONS_PER_IP=100"},
			map[string]int{"": 403, remote: 403, local: 403, itself: 403, binary: 403}},
		{"nobody is trusted", nil,
			map[string]int{"": 200, remote: 400, local: 400, unknown: 400, itself: 400, binary: 400}},
		{"others are trusted", []string{"TRUSTED_PROXIES=10.0.0.0/8"},
			map[string]int{"": 200, local: 400, itself: 400, binary: 400}},
	} {
		t.Run(node.name, func(t *testing.T) {
			s := serve(t, node.env...)
			for prefix, want := range node.want {
				c := dial(t, s.ws)
				status, body := c.get(prefix, "/ws/stats", "Host: 127.0.0.1")
				if status != want || status == 403 && !strings.Contains(body, `"error":"forwarded"`) {
					t.Errorf("after %q: %d %s, want %d", prefix, status, body, want)
				}
				if _, err := c.in.ReadByte(); err != io.EOF { // a further request on the connection would look local
					t.Errorf("after %q: the connection stays open: %v", prefix, err)
				}
			}
			if status, body := ask(t, "GET", "http://"+s.admin+"/ws/stats", ""); status != 200 {
				t.Errorf("on the admin port: %d %s", status, body)
			}
		})
	}
}

func TestAdminTokenCountsBehindAProxy(t *testing.T) {
	s := serve(t, "TRUSTED_PROXIES=127.0.0.1", "ADMIN_TOKEN=open sesame")
	const prefix = "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\n"
	if status, body := dial(t, s.ws).get(prefix, "/ws/stats", "Host: chat.example\r\nAuthorization: Bearer open sesame"); status != 200 {
		t.Errorf("with the token: %d %s", status, body)
	}
	if status, _ := dial(t, s.ws).get(prefix, "/ws/stats", "Host: 127.0.0.1"); status != 401 {
		t.Errorf("without the token: %d", status)
	}
	if status, _ := dial(t, s.ws).get(prefix, "/livez", "Host: chat.example"); status != 200 {
		t.Errorf("a probe through the proxy: %d", status)
	}
}

// caller sends requests as raw bytes.
type caller struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, addr string) *caller {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &caller{t, c, bufio.NewReader(c)}
}

func (c *caller) get(prefix, path, headers string) (status int, body string) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c, "%sGET %s HTTP/1.1\r\n%s\r\n\r\n", prefix, path, headers); err != nil {
		c.t.Fatal(err)
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
