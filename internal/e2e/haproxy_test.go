package e2e

import (
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
)

// behindHAProxy starts HAProxy before a server, with the configuration in deploy/haproxy and a log that the test reads.
// check is how HAProxy asks for the node's health. There is a second node, or none.
func behindHAProxy(t *testing.T, s *serving, check string, second ...*serving) (*front, net.PacketConn) {
	t.Helper()
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		haproxy = "/usr/sbin/haproxy" // not in the PATH of every user
	}
	log, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	f := newFront(t)
	line := "    server node2 127.0.0.1:8010 send-proxy-v2 check port 8011 inter 2s fall 2 rise 1 maxconn 50000\n"
	other := ""
	if len(second) > 0 {
		other = strings.NewReplacer("127.0.0.1:8010", second[0].ws, "check port 8011", checkOf(second[0].admin)).Replace(line)
	}
	configuration := fitted(t, "haproxy/haproxy.cfg", line, other,
		"bind :80\n", "bind "+f.plain+"\n", "bind :443", "bind "+f.secure, "/etc/haproxy/certs", f.folder,
		"127.0.0.1:8000", s.ws, "check port 8001", check, "log /dev/log", "log "+log.LocalAddr().String(),
		"maxconn 100000", "maxconn 1000", "maxconn 50000", "maxconn 500", "inter 2s", "inter 500ms")
	if os.Geteuid() != 0 { // only root can change the user
		configuration = regexp.MustCompile(`(?m)^    (chroot|user|group) .*\n`).ReplaceAllString(configuration, "")
	}
	f.write(t, "haproxy.cfg", configuration)
	if out, err := exec.Command(haproxy, "-c", "-f", f.folder+"/haproxy.cfg").CombinedOutput(); err != nil || strings.Contains(string(out), "WARNING") {
		t.Fatalf("haproxy -c: %v (`make test` installs Debian's haproxy)\n%s", err, out)
	}
	f.process = start(t, nil, haproxy, "-db", "-f", f.folder+"/haproxy.cfg")
	f.answers(t)
	return f, log
}

// checkOf is the health check of a server at another address.
func checkOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return "check port " + port
}

func TestBehindHAProxy(t *testing.T) {
	const adminToken = "open sesame"
	s := serve(t, "TRUSTED_PROXIES=127.0.0.1", "WS_MAX_CONNECTIONS_PER_IP=2", "ADMIN_TOKEN="+adminToken, "DRAIN_TIMEOUT=5")
	f, log := behindHAProxy(t, s, checkOf(s.admin))
	alice, bob := f.converses(t)
	f.countsAddresses(t)
	for _, tt := range []struct {
		path, token string
		status      int
		body        string
	}{
		{"/ws/stats", "", 401, "unauthorized"},
		{"/ws/stats", adminToken, 200, `"total_connections":4`},
		{"/demo/", "", 200, "<html"},
		{"/client/momentum.js", "", 200, "export function connect("},
		{"/debug/pprof/", adminToken, 404, "<html"}, // HAProxy's own answer
		{"/metrics", adminToken, 404, "<html"},
		{"//metrics", adminToken, 404, "<html"},
	} {
		if status, body := f.get(t, tt.path, tt.token); status != tt.status || !strings.Contains(body, tt.body) {
			t.Errorf("GET %s with %q: %d %.200s, want %d and %q", tt.path, tt.token, status, body, tt.status, tt.body)
		}
	}
	// After a drain by a call the node stays up, even if its clients have answered early.
	if status, body := ask(t, "POST", "http://"+s.admin+"/ws/drain", "{}", "Authorization", "Bearer "+adminToken); status != 200 {
		t.Fatalf("POST /ws/drain: %d %s", status, body)
	}
	for name, c := range map[string]*coder.Conn{"alice": alice, "bob": bob} {
		if code := closeCode(t, c); code != coder.StatusServiceRestart {
			t.Errorf("%s is closed with %v by the drain, want 1012", name, code)
		}
	}
	f.takesNobody(t)
	if status, body := ask(t, "GET", "http://"+s.admin+"/readyz", ""); status != 503 {
		t.Errorf("/readyz of a draining node: %d %s", status, body)
	}
	noToken(t, log)
}

// closeCode reads to the end of a connection and returns the close code.
func closeCode(t *testing.T, c *coder.Conn) coder.StatusCode {
	t.Helper()
	for {
		if _, _, err := c.Read(t.Context()); err != nil {
			return coder.CloseStatus(err)
		}
	}
}

// takesNobody waits until HAProxy has noticed that the node drains and refuses new clients itself.
func (f *front) takesNobody(t *testing.T) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-again.C {
		if status, body := f.get(t, "/ws", ""); status == 503 && !strings.Contains(body, "draining") {
			return
		}
	}
	t.Error("HAProxy sends clients to a node that is not ready")
}

// noToken reads HAProxy's log.
func noToken(t *testing.T, log net.PacketConn) {
	t.Helper()
	_ = log.SetReadDeadline(time.Now().Add(time.Second))
	connections, line := 0, make([]byte, 4096)
	for {
		n, _, err := log.ReadFrom(line)
		if err != nil {
			break
		}
		text := string(line[:n])
		if strings.Contains(text, "token=") {
			t.Errorf("HAProxy's log has a token: %s", text)
		}
		if strings.Contains(text, " 101 ") && strings.Contains(text, "GET /ws") {
			connections++
		}
	}
	if connections < 2 {
		t.Errorf("HAProxy's log has %d connections", connections)
	}
}
