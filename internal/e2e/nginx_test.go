package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	coder "github.com/coder/websocket"
)

// behindNginx starts nginx as the proxy of a server, with the configuration in deploy/nginx. There is a second node, or none.
func behindNginx(t *testing.T, s *serving, second ...*serving) *front {
	t.Helper()
	other, otherAdmin := "", ""
	if len(second) > 0 {
		other, otherAdmin = "server "+second[0].ws+" max_fails=0;", "server "+second[0].admin+" backup;"
	}
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx = "/usr/sbin/nginx" // not in the PATH of every user
	}
	f := newFront(t)
	demo, err := filepath.Abs("../../web/demo")
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, "momentum.conf", fitted(t, "nginx/momentum.conf",
		"listen 80;", "listen "+f.plain+";", "listen [::]:80;", "",
		"listen 443 ssl;", "listen "+f.secure+" ssl;", "listen [::]:443 ssl;", "",
		"/etc/ssl/momentum", f.folder, "/var/log/nginx", f.folder, "/usr/share/momentum/demo", demo,
		"server 127.0.0.1:8010 max_fails=0;", other, "server 127.0.0.1:8011 backup;", otherAdmin,
		"server 127.0.0.1:8000", "server "+s.ws, "server 127.0.0.1:8001", "server "+s.admin))
	whole := fitted(t, "nginx/nginx.conf",
		"worker_processes auto;", "worker_processes 2;", "200000", "4000", "100000", "1000",
		"/var/log/nginx", f.folder, "/run/nginx.pid", f.folder+"/nginx.pid", "/etc/nginx/conf.d/*.conf", f.folder+"/momentum.conf")
	if os.Geteuid() == 0 {
		whole = "user root;\n" + whole // only root may be able to read the pages' folder
	}
	f.write(t, "nginx.conf", whole)
	arguments := []string{"-p", f.folder, "-c", f.folder + "/nginx.conf", "-e", f.folder + "/start.log"}
	if out, err := exec.Command(nginx, append([]string{"-t"}, arguments...)...).CombinedOutput(); err != nil || strings.Contains(string(out), "[warn]") {
		t.Fatalf("nginx -t: %v (`make test` installs Debian's nginx)\n%s", err, out)
	}
	f.process = start(t, nil, nginx, append(arguments, "-g", "daemon off;")...)
	t.Cleanup(func() { // it must end by itself, or its workers would stay
		_ = f.cmd.Process.Signal(syscall.SIGTERM)
		f.exit()
	})
	f.answers(t)
	return f
}

// TestNginxPassesOverANodeThatDrains connects clients while one of two nodes refuses all.
func TestNginxPassesOverANodeThatDrains(t *testing.T) {
	first, second := serve(t, "TRUSTED_PROXIES=127.0.0.1"), serve(t, "TRUSTED_PROXIES=127.0.0.1")
	f := behindNginx(t, first, second)
	if status, body := ask(t, "POST", "http://"+first.admin+"/ws/drain", "{}"); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	for _, name := range []string{"alice", "bob", "carol"} {
		newFollower(name).dial(t, "ws://"+f.plain, coder.DialOptions{})
	}
	if _, stats := ask(t, "GET", "http://"+second.admin+"/ws/stats", ""); !strings.Contains(stats, `"total_connections":3,`) {
		t.Errorf("the other node has %s", stats)
	}
}

func TestBehindNginx(t *testing.T) {
	const adminToken = "open sesame"
	s := serve(t, "TRUSTED_PROXIES=127.0.0.1", "WS_MAX_CONNECTIONS_PER_IP=2", "ADMIN_TOKEN="+adminToken)
	f := behindNginx(t, s)
	f.converses(t)
	f.countsAddresses(t)

	for _, tt := range []struct {
		path, token string
		status      int
		body        string
	}{
		{"/api/ws/stats", "", 401, "unauthorized"},
		{"/api/ws/stats", "a guess", 401, "unauthorized"},
		{"/api/ws/stats", adminToken, 200, `"total_connections":4`},
		{"/api/ws/online", adminToken, 200, `"count":2`},
		{"/api/debug/pprof/", adminToken, 404, "nginx"},
		{"/api/../api/debug/pprof/", adminToken, 404, "nginx"},
		{"/ws/stats", adminToken, 404, "nginx"},
		{"/demo/", "", 200, "<html"},
		{"/client/momentum.js", "", 200, "export function connect("},
	} {
		if status, body := f.get(t, tt.path, tt.token); status != tt.status || !strings.Contains(body, tt.body) {
			t.Errorf("GET %s with %q: %d %.200s, want %d and %q", tt.path, tt.token, status, body, tt.status, tt.body)
		}
	}

	// The error log must not have a token either: when the server is gone, nginx logs an error for each client.
	token := signFor(t, "late")
	s.signal(syscall.SIGKILL)
	s.exit()
	if _, response, err := f.connect(t, "wss", "127.0.0.4", token, nil); err == nil || response == nil || response.StatusCode != 502 {
		t.Errorf("without a server: %v, %v, want 502", response, err)
	}
	f.signal(syscall.SIGQUIT) // it closes its connections and writes its logs
	f.exit()
	log := f.read(t, "momentum.access.log")
	if !strings.Contains(log, `"GET /ws HTTP/1.1" 101 `) || !strings.Contains(log, `"GET /ws HTTP/1.1" 429 `) {
		t.Errorf("the access log has no connections:\n%s", log)
	}
	for _, name := range []string{"momentum.access.log", "momentum.error.log", "error.log", "start.log"} {
		if text := f.read(t, name); strings.Contains(text, "token=") || strings.Contains(text, token) {
			t.Errorf("nginx's %s has a token:\n%s", name, text)
		}
	}
}

// TestNginxIsNotLocal checks that a server without ADMIN_TOKEN refuses admin calls through nginx, although nginx is on this host.
func TestNginxIsNotLocal(t *testing.T) {
	f := behindNginx(t, serve(t, "TRUSTED_PROXIES=127.0.0.1"))
	if status, body := f.get(t, "/api/ws/stats", ""); status != 403 || !strings.Contains(body, "forwarded") {
		t.Errorf("an admin call through nginx: %d %s", status, body)
	}
}

// TestProxiesAreMorePatientThanTheServer compares the proxies' timeouts with the server's: a proxy that times out first closes
// quiet clients.
func TestProxiesAreMorePatientThanTheServer(t *testing.T) {
	heartbeat := 0 * time.Second
	page, err := os.ReadFile("../../docs/SETTINGS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{"WS_HEARTBEAT_INTERVAL", "WS_HEARTBEAT_TIMEOUT"} {
		row := regexp.MustCompile("`" + setting + "` \\| `[^`]*` \\| ([0-9]+) \\|").FindSubmatch(page)
		if row == nil {
			t.Fatalf("docs/SETTINGS.md has no default of %s", setting)
		}
		heartbeat += span(t, string(row[1])+"s")
	}
	for file, patterns := range map[string][]string{
		"nginx/momentum.conf": {`proxy_read_timeout ([0-9]+s);\s+proxy_send_timeout`, `proxy_send_timeout ([0-9]+s);`},
		"haproxy/haproxy.cfg": {`timeout tunnel ([0-9]+s)`},
	} {
		for _, pattern := range patterns {
			found := regexp.MustCompile(pattern).FindStringSubmatch(fitted(t, file))
			if found == nil || span(t, found[1]) <= heartbeat {
				t.Errorf("deploy/%s: %q, want more than the heartbeat and its timeout, %v", file, found, heartbeat)
			}
		}
	}
}

func span(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestNginxPolicyIsThePages checks that nginx serves the demo page with the server's Content-Security-Policy.
func TestNginxPolicyIsThePages(t *testing.T) {
	s := serve(t)
	if _, _, err := net.SplitHostPort(s.admin); err != nil {
		t.Fatal(err)
	}
	got := runCurl(t, "http://"+s.admin+"/demo/", nil)
	if policy := got.header.Get("Content-Security-Policy"); policy == "" || !strings.Contains(fitted(t, "nginx/momentum.conf"), `"`+policy+`"`) {
		t.Errorf("the server's policy is %q, and nginx's is another one", policy)
	}
}
