package siege

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// balance starts HAProxy before nodes, with the configuration in deploy/, and returns its address. Each process of it has two
// descriptors for each connection, so 10,000 clients need two processes, which share the port.
func balance(t *testing.T, nodes []*node, processes int) string {
	t.Helper()
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		haproxy = "/usr/sbin/haproxy" // not in the PATH of every user
	}
	addr := freePort(t)
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(balancing(t, addr, nodes)), 0o644); err != nil {
		t.Fatal(err)
	}
	for range processes {
		cmd := exec.Command(haproxy, "-db", "-f", file)
		var log lines
		cmd.Stdout, cmd.Stderr = &log, &log
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			t.Fatalf("%v (`make test` installs Debian's haproxy)", err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if t.Failed() {
				t.Logf("HAProxy said:\n%.4000s", log.text())
			}
		})
	}
	eventually(t, "HAProxy listens", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return addr
}

// balancing is the configuration in deploy/ with this test's address and nodes, and without TLS, whose work would be most of the load.
func balancing(t *testing.T, addr string, nodes []*node) string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/haproxy/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	interval := "2s"
	if !full {
		interval = "200ms"
	}
	var servers strings.Builder
	for i, n := range nodes {
		_, port, _ := net.SplitHostPort(n.admin)
		fmt.Fprintf(&servers, "    server node%d %s send-proxy-v2 check port %s inter %s fall 2 rise 1\n", i+1, n.ws, port, interval)
	}
	fit := string(text)
	for _, change := range [][2]string{
		{`(?m)^    bind :80$`, "    bind " + addr},
		{`(?m)^    bind :443 .*\n`, ""},
		{`(?m)^    (log|option httplog|log-format) .*\n`, ""},
		{`(?m)^    timeout connect 5s`, "    timeout connect 5s\n    timeout check 5s"}, // the machine may be busy
		{`maxconn 100000`, "maxconn 9800"},
		{`(?m)(^    server .*\n)+`, servers.String()},
	} {
		old := regexp.MustCompile(change[0])
		if !old.MatchString(fit) {
			t.Fatalf("deploy/haproxy/haproxy.cfg has no %s", change[0])
		}
		fit = old.ReplaceAllString(fit, change[1])
	}
	if os.Geteuid() != 0 { // only root can change the user
		fit = regexp.MustCompile(`(?m)^    (chroot|user|group) .*\n`).ReplaceAllString(fit, "")
	}
	return fit
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
