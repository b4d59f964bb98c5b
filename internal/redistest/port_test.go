package redistest

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestPortsAreFreeAndDifferent(t *testing.T) {
	seen := make(map[int]bool)
	for range 100 {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		if seen[port] {
			t.Errorf("port %d comes twice", port)
		}
		seen[port] = true
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
}

func TestPortsAreNoneOfOutgoingConnections(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		t.Fatal(err)
	}
	if first, _ := strconv.Atoi(strings.Fields(string(text))[0]); first <= lastPort && first >= firstPort {
		t.Errorf("outgoing connections use ports from %d, which is in %d-%d", first, firstPort, lastPort)
	}
}
