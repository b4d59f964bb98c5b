package load

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

func TestURLsAreResolved(t *testing.T) {
	loopback, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip("no interface is called lo:", err)
	}
	lo := uint32(loopback.Index)
	for raw, want := range map[string]struct {
		addr, host, path, stats string
		scope                   uint32
	}{
		"ws://127.0.0.1:8000/ws?a=b":     {"127.0.0.1:8000", "127.0.0.1:8000", "/ws?a=b", "http://127.0.0.1:8000/ws/stats", 0},
		"ws://127.0.0.1":                 {"127.0.0.1:80", "127.0.0.1", "/ws", "http://127.0.0.1/ws/stats", 0},
		"ws://127.0.0.1?a=b":             {"127.0.0.1:80", "127.0.0.1", "/ws?a=b", "http://127.0.0.1/ws/stats", 0},
		"ws://[::ffff:127.0.0.1]:1/x":    {"127.0.0.1:1", "[::ffff:127.0.0.1]:1", "/x", "http://[::ffff:127.0.0.1]:1/ws/stats", 0},
		"ws://[::1]:8000/ws":             {"[::1]:8000", "[::1]:8000", "/ws", "http://[::1]:8000/ws/stats", 0},
		"ws://[fe80::1%25lo]:8000/ws":    {"[fe80::1%lo]:8000", "[fe80::1]:8000", "/ws", "http://[fe80::1%25lo]:8000/ws/stats", lo},
		"ws://[fe80::1%25lo]/ws":         {"[fe80::1%lo]:80", "[fe80::1]", "/ws", "http://[fe80::1%25lo]/ws/stats", lo},
		"ws://[fe80::1%2512345]:8000/ws": {"[fe80::1%12345]:8000", "[fe80::1]:8000", "/ws", "http://[fe80::1%2512345]:8000/ws/stats", 12345},
	} {
		got, err := resolve(t.Context(), raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got.addr.String() != want.addr || got.host != want.host || got.path != want.path || got.stats != want.stats || got.endpoint.raw.Scope_id != want.scope {
			t.Errorf("%s: %+v, want %+v", raw, got, want)
		}
	}
	if _, err := resolve(t.Context(), "ws://[fe80::1%25nowhere]:8000/ws"); err == nil || !strings.Contains(err.Error(), "no interface nowhere") {
		t.Errorf("an unknown interface: %v", err)
	}
}

// linkLocal returns an address that can be reached only with its zone.
func linkLocal(t *testing.T) netip.Addr {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		addresses, _ := one.Addrs()
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() {
				return p.Addr().WithZone(one.Name)
			}
		}
	}
	t.Skip("no interface has a link-local address")
	return netip.Addr{}
}

func TestALinkLocalAddressIsReachedOnItsInterface(t *testing.T) {
	address := linkLocal(t)
	listener, err := net.Listen("tcp", net.JoinHostPort(address.String(), "0"))
	if err != nil {
		t.Skip("cannot listen there:", err)
	}
	var zoned, asked atomic.Int64
	in := echoing(echo)
	s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Host, "%") {
			zoned.Add(1)
		}
		if r.URL.Path == "/ws/stats" {
			asked.Add(1)
		}
		in(w, r)
	})}}
	s.Start()
	t.Cleanup(s.Close)
	p := serving(t, nil)
	host := net.JoinHostPort(address.String(), strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	p.URL = (&url.URL{Scheme: "ws", Host: host, Path: "/ws"}).String()
	r := measure(t, p, Throughput)
	r.wantMetric(t, "entered", 1)
	r.wantMetric(t, "delivered", 10)
	if zoned.Load() > 0 || asked.Load() == 0 {
		t.Errorf("%d requests had a zone in their Host header, %d asked for /ws/stats", zoned.Load(), asked.Load())
	}
}
