package load

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

func TestMoreAddressesAreUsedWhenPortsRunShort(t *testing.T) {
	loopback, far := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.1")
	const ports = 10000 // 4,000 of them in comfort, 9,000 at most
	for _, c := range []struct{ connections, want int }{{1, 0}, {4000, 0}, {4001, 2}, {12000, 3}, {12001, 4}} {
		got, err := sources("", loopback, c.connections, ports)
		if err != nil || len(got) != c.want {
			t.Errorf("%d connections: %d addresses, %v", c.connections, len(got), err)
		}
		for i, a := range got {
			if !a.IsLoopback() || i > 0 && a == got[i-1] {
				t.Errorf("%d connections: %v", c.connections, got)
			}
		}
	}
	if got, err := sources("", far, 9000, ports); err != nil || got != nil {
		t.Errorf("towards another host, within its ports: %v %v", got, err)
	}
	if _, err := sources("", far, 9001, ports); err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("towards another host: %v", err)
	}
	if _, err := sources("", loopback, 255*4000, ports); err == nil {
		t.Error("more connections than 127.0.0.0/8 has ports for are accepted")
	}
}

func TestGivenAddressesAreUsed(t *testing.T) {
	far := netip.MustParseAddr("192.0.2.1")
	if got, err := sources("10.0.0.1, 10.0.0.2", far, 18000, 10000); err != nil || len(got) != 2 || got[1].String() != "10.0.0.2" {
		t.Errorf("%v %v", got, err)
	}
	for given, server := range map[string]string{"10.0.0.1,": "192.0.2.1", "here": "192.0.2.1", "::1": "::1", "10.0.0.1": "::1", "10.0.0.2": "192.0.2.1"} {
		if got, err := sources(given, netip.MustParseAddr(server), 9001, 10000); err == nil {
			t.Errorf("%q towards %s: %v", given, server, got)
		}
	}
}

func TestConnectionsThatDoNotFitAreRefused(t *testing.T) {
	if err := openFiles(1); err != nil {
		t.Error(err)
	}
	if err := openFiles(unlimitedFiles); err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("a billion connections: %v", err)
	}
}

// The server sees three client addresses.
func TestConnectionsComeFromAllSources(t *testing.T) {
	in := echoing(echo)
	var peers sync.Map
	p := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil && r.URL.Path == "/ws" {
			peers.Store(host, true)
		}
		in(w, r)
	})
	p.Connections = 3
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for last := range byte(3) {
		prepared.sources = append(prepared.sources, netip.AddrFrom4([4]byte{127, 0, 0, last + 1}))
	}
	r, err := Run(t.Context(), p, Storm, prepared, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.wantMetric(t, "entered", 3)
	for _, want := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
		if _, ok := peers.Load(want); !ok {
			t.Errorf("no connection came from %s", want)
		}
	}
}
