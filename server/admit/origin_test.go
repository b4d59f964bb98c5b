package admit

import (
	"strings"
	"testing"
)

func TestRFC6455Section102Origin(t *testing.T) {
	for _, c := range []struct {
		origin, host string
		allowed      []string
		want         bool
	}{
		{"", "chat.example", nil, true}, // a program
		{"https://chat.example", "chat.example", nil, true},
		{"https://Chat.Example", "chat.example:443", nil, true},
		{"http://127.0.0.1:8001", "127.0.0.1:8000", nil, true},
		{"http://[::1]:8001", "[::1]:8000", nil, true},
		{"https://evil.example", "chat.example", nil, false},
		{"https://chat.example.evil.example", "chat.example", nil, false},
		{"https://evilchat.example", "chat.example", nil, false},
		{"null", "chat.example", nil, false},
		{"://", "chat.example", nil, false},
		{"file://", "", nil, false},
		{"https://app.example", "chat.example", []string{"https://app.example"}, true},
		{"HTTPS://app.example", "chat.example", []string{"https://app.example"}, true},
		{"http://app.example", "chat.example", []string{"https://app.example"}, false},
		{"https://app.example:8443", "chat.example", []string{"https://app.example"}, false},
		{"https://chat.example", "chat.example", []string{"https://app.example"}, false}, // a list replaces the default
		{"null", "chat.example", []string{"null"}, true},
		{"https://evil.example", "chat.example", []string{AnyOrigin}, true},
		{"https://x.a.example", "chat.example", []string{"https://*.a.example"}, true},
		{"https://X.Y.A.example", "chat.example", []string{"https://*.a.example"}, true},
		{"https://x.a.example:8443", "chat.example", []string{"https://*.a.example:8443"}, true},
		{"https://a.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://.a.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://xa.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://evila.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://x.a.example:8443", "chat.example", []string{"https://*.a.example"}, false},
		{"https://x.a.example", "chat.example", []string{"https://*.a.example:8443"}, false},
		{"http://x.a.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://evil.example/.a.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://evil.example:1.a.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://evil.example@x.a.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https://x.a.example.evil.example", "chat.example", []string{"https://*.a.example"}, false},
		{"https", "chat.example", []string{"https://*.a.example"}, false},
		{"null", "chat.example", []string{"https://*.a.example"}, false},
	} {
		if got := OriginAllowed(c.origin, c.host, c.allowed); got != c.want {
			t.Errorf("a page of %q at %q, allowed %q: %v", c.origin, c.host, c.allowed, got)
		}
	}
}

func TestOriginsAreParsedToWhatBrowsersSend(t *testing.T) {
	for text, want := range map[string]string{
		"*": "*", "null": "null", "https://chat.example": "https://chat.example", "HTTPS://Chat.Example": "https://chat.example",
		"http://localhost:3000": "http://localhost:3000", "https://my_host": "https://my_host", "https://chat.example.": "https://chat.example.",
		"https://*.a.example": "https://*.a.example", "https://*.bücher.example:8443": "https://*.xn--bcher-kva.example:8443",
		"https://Bücher.example": "https://xn--bcher-kva.example", "https://faß.example": "https://xn--fa-hia.example",
		"https://xn--bcher-kva.example": "https://xn--bcher-kva.example", "https://日本語.example": "https://xn--wgv71a119e.example",
		"https://[::1]:8443": "https://[::1]:8443", "https://[0:0:0:0:0:0:0:1]": "https://[::1]", "https://[2001:DB8:0::1]": "https://[2001:db8::1]",
		"https://[::ffff:192.0.2.1]": "https://[::ffff:c000:201]", "http://127.0.0.1:8080": "http://127.0.0.1:8080",
		"http://chat.example:443": "http://chat.example:443", "https://chat.example:08443": "https://chat.example:8443",
		"chrome-extension://abcdefgh": "chrome-extension://abcdefgh", "app://1": "app://1", "capacitor://localhost": "capacitor://localhost",
	} {
		if got, err := ParseOrigin(text); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestOriginsThatCanNeverMatchAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"": "scheme and a host", "chat.example": "scheme and a host", "//chat.example": "scheme and a host", "://chat.example": "scheme and a host",
		"https:chat.example": "scheme and a host", "ht tp://chat.example": "scheme and a host", " https://chat.example": "scheme and a host",
		"https://": "no browser sends", "https://chat.example/": "neither a path", "https://chat.example/app": "neither a path",
		"https://chat.example?": "neither a path", "https://chat.example#": "neither a path", "https://me@chat.example": "neither a path",
		"https://chat.example:": "no host", "https://chat.example:x": "no host", "https://*.example:x": "no host", "https://::1": "no browser sends",
		"https://chat.example:443": "leave out :443", "http://chat.example:80": "leave out :80", "http://chat.example:080": "leave out :80",
		"https://chat.example:0": "1 to 65535", "https://chat.example:65536": "1 to 65535",
		"wss://chat.example": "https", "ws://chat.example": "http", "file://": "null", "data://x": "null",
		"https://*": "no browser sends", "https://*.": "no browser sends", "https://*.*.example": "no browser sends", "https://a.*.example": "no browser sends",
		"https://a*.example": "no browser sends", "https://**.example": "no browser sends", "https://a..example": "no browser sends",
		"https://a b": "no host", "https://a%62c": "no ", "https://a,b": "no browser sends", "https://xn--zzzz99999": "no browser sends",
		"https://*.127.0.0.1": "no subdomains", "https://*.[::1]": "no subdomains", "https://[fe80::1%25eth0]": "zone",
		"http://127.1": "four decimal", "http://0127.0.0.1": "four decimal", "http://0x7f000001": "four decimal", "http://127.0.0.1.": "four decimal", "https://*.1": "four decimal",
	} {
		got, err := ParseOrigin(text)
		if err == nil {
			t.Errorf("%q was taken, as %q", text, got)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}
