package doctor

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestFindingsAboutTheAddressThatTheNodeSaw(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.9/32")}
	for _, tt := range []struct {
		name, seen string
		proxies    []netip.Prefix
		level      Level
		text       string
	}{
		{"the client's", "203.0.113.5", proxy, OK, "sees the client's address"},
		{"one that the client made up", "192.0.2.99", proxy, Problem, "believes the X-Forwarded-For"},
		{"the proxy's, which is trusted", "10.0.0.9", proxy, Problem, "proxy_set_header X-Forwarded-For"},
		{"the proxy's, which is not trusted", "10.0.0.8", proxy, Problem, "TRUSTED_PROXIES=10.0.0.8"},
		{"a proxy's on this host", "127.0.0.1", nil, Problem, "TRUSTED_PROXIES=127.0.0.1"},
		{"another", "198.51.100.7", nil, Warning, "translates addresses"},
	} {
		n := someNode()
		n.Proxies = tt.proxies
		expect(t, tt.name, []Finding{addressFinding(netip.MustParseAddr(tt.seen), netip.MustParseAddr("203.0.113.5"), n)}, tt.level, tt.text)
	}
}

func TestCertificatesExpire(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	expect(t, "soon", []Finding{expiry(now.Add(13*24*time.Hour), now)}, Warning, "expires in 13 days, on 2030-01-14")
	expect(t, "late", []Finding{expiry(now.Add(60*24*time.Hour), now)}, OK, "2030-03-02")
	proxy := httptest.NewTLSServer(http.NotFoundHandler())
	defer proxy.Close()
	u, _ := url.Parse(strings.Replace(proxy.URL, "https", "wss", 1))
	expect(t, "of an unknown authority", []Finding{certificate(t.Context(), u, now)}, Problem, "unknown authority")
}

func TestAWrongURLIsAProblem(t *testing.T) {
	for _, text := range []string{"", "chat.example", "https://chat.example/ws"} {
		expect(t, text, Proxies(t.Context(), &Front{URL: text, Now: time.Now}, someNode()), Problem, "wss://chat.example/ws")
	}
}

// TestTheLocalAddressOfAHandshakeIsKnown also if the handshake is refused.
func TestTheLocalAddressOfAHandshakeIsKnown(t *testing.T) {
	proxy := httptest.NewServer(http.NotFoundHandler())
	defer proxy.Close()
	u, _ := url.Parse(strings.Replace(proxy.URL, "http", "ws", 1))
	_, local, err := (&Front{URL: u.String()}).dial(t.Context(), u, &websocket.DialOptions{})
	if err == nil || local.String() != loopbackSource {
		t.Errorf("%v, %v", local, err)
	}
}

func TestTheUserOfATokenIsItsSubject(t *testing.T) {
	if user, err := SubjectOf("e30.eyJzdWIiOiJhIn0.x"); user != "a" || err != nil {
		t.Errorf("%q, %v", user, err)
	}
	for _, token := range []string{"", "a.b.c", "e30.e30.x", "a.b"} {
		if user, err := SubjectOf(token); err == nil {
			t.Errorf("%q is of %q", token, user)
		}
	}
}
