package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheDoctorMeasuresAProxy asks the doctor about a server that is reached through HAProxy, which cuts silent connections after a
// second or is patient, and which says the client's address or does not.
func TestTheDoctorMeasuresAProxy(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil {
		t.Skip("haproxy is not installed")
	}
	const heartbeat = "WS_HEARTBEAT_INTERVAL=3"
	for _, tt := range []struct {
		name, tunnel, line, trusted string
		want                        []string
	}{
		{"impatient and silent", "1s", "", "127.0.0.1", []string{
			"problem  idle timeout: a connection was cut after 1", "timeout tunnel 12s", "problem  client address: the node sees 127.0.0.1, its proxy"}},
		{"patient, with PROXY", "20s", "send-proxy-v2", "127.0.0.1", []string{
			"ok       idle timeout: a connection may be silent for ", "ok       client address: the node sees the client's address, 127.77.77.77"}},
		{"that is not trusted", "20s", "", "", []string{"problem  client address", "TRUSTED_PROXIES=127.0.0.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := []string{heartbeat, "WS_HEARTBEAT_TIMEOUT=3", "TRUSTED_PROXIES=" + tt.trusted}
			s, addr := serve(t, env...), freeAddr(t)
			file := filepath.Join(t.TempDir(), "haproxy.cfg")
			rewrite(t, file, fmt.Sprintf("defaults\n mode http\n timeout connect 5s\n timeout client 10s\n timeout server 10s\n timeout tunnel %s\n"+
				"frontend f\n bind %s\n default_backend b\n http-request del-header X-Forwarded-For\nbackend b\n server one %s %s\n", tt.tunnel, addr, s.ws, tt.line))
			start(t, nil, "haproxy", "-f", file)
			awaitListener(t, addr)
			doctor := exec.Command(filepath.Join(bin, "momentum"), "doctor", "--through", "ws://"+addr+"/ws", "--idle", "--admin-addr", s.admin)
			doctor.Env = append([]string{"JWT_SECRET=" + testSecret, "PATH=" + os.Getenv("PATH")}, env...)
			said, err := doctor.CombinedOutput()
			if failed := err != nil; failed != strings.HasPrefix(string(said), "problem") {
				t.Errorf("the exit is %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(said), want) {
					t.Errorf("the doctor does not say %q:\n%s", want, said)
				}
			}
		})
	}
}

// awaitListener waits until a program listens on an address.
func awaitListener(t *testing.T, addr string) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for since := time.Now(); time.Since(since) < patience; <-look.C {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return
		}
	}
	t.Fatalf("nothing listens on %s", addr)
}
