package e2e

import (
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSystemdIsKeptInformed receives the server's notifications in place of systemd, with Type=notify-reload and a watchdog.
func TestSystemdIsKeptInformed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	hear := func(what string) {
		t.Helper()
		_ = socket.SetReadDeadline(time.Now().Add(patience))
		for datagram := make([]byte, 256); ; {
			n, err := socket.Read(datagram)
			if err != nil {
				t.Fatalf("%q was not received: %v", what, err)
			}
			if said := string(datagram[:n]); strings.HasPrefix(said, what) {
				return
			} else if !strings.HasPrefix(said, "WATCHDOG=1") {
				t.Fatalf("received %q before %q", said, what)
			}
		}
	}
	s := serve(t, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=100000")
	hear("READY=1")
	hear("WATCHDOG=1")
	hear("WATCHDOG=1")
	s.signal(syscall.SIGHUP)
	hear("RELOADING=1\nMONOTONIC_USEC=")
	hear("READY=1")
	s.signal(syscall.SIGTERM)
	hear("STOPPING=1")
	if code := s.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
