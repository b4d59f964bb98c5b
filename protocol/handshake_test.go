package protocol

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// base is a minimal valid upgrade. Tests replace, drop or add lines.
var base = []string{
	"GET /ws?a=b HTTP/1.1", "Host: example.com:8000", "Upgrade: websocket", "Connection: Upgrade",
	"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
}

// head is base with changes: a header replaces the one with the same name, "+Name: value" adds one, and "-Name" removes
// one. A change without a colon before its first space replaces the request line.
func head(changes ...string) []byte {
	lines := slices.Clone(base)
	for _, change := range changes {
		if dropped, ok := strings.CutPrefix(change, "-"); ok {
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, dropped+":") })
			continue
		}
		if added, ok := strings.CutPrefix(change, "+"); ok {
			lines = append(lines, added)
			continue
		}
		name, _, isHeader := strings.Cut(change, ": ")
		at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, name+":") })
		if !isHeader || strings.Contains(name, " ") {
			at = 0
		}
		lines[at] = change
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n")
}

func TestRFC6455Section42Accepted(t *testing.T) {
	tests := map[string][]byte{
		"the least":                  head(),
		"a browser's":                []byte(request),
		"names in any case":          []byte(strings.NewReplacer("Host", "HOST", "Upgrade:", "uPGRADE:", "Sec-WebSocket", "sec-websocket").Replace(string(head()))),
		"Upgrade in any case":        head("Upgrade: WebSocket"),
		"Upgrade among others":       head("Upgrade: h2c, websocket"),
		"keep-alive, Upgrade":        head("Connection: keep-alive, Upgrade"),
		"upgrade in lower case":      head("Connection: keep-alive,upgrade"),
		"Connection twice":           head("Connection: keep-alive", "+Connection: Upgrade"),
		"Connection twice, reversed": head("+Connection: keep-alive"),
		"empty list elements":        head("Connection: , ,Upgrade,"),
		"no space after a colon":     []byte(strings.ReplaceAll(string(head()), ": ", ":")),
		"tabs around a value":        head("Upgrade: \t websocket\t "),
		"absolute target":            head("GET http://example.com:8000/ws?a=b HTTP/1.1"),
		"absolute, other Host":       head("GET HTTPS://example.com:8000/ws?a=b HTTP/1.1", "Host: elsewhere"),
		"higher minor version":       head("GET /ws?a=b HTTP/1.2"),
		"obs-text in a header":       head("+X-Name: \xe9\x80"),
		"an empty header":            head("+X-Empty:"),
		"RFC 9112 §2.2 empty line":   append([]byte("\r\n"), head()...),
		"IPv6 host":                  head("GET http://example.com:8000/ws?a=b HTTP/1.1", "Host: [::1]:8000"),
		"Origin":                     head("+Origin: https://example.com"),
		"a body of 0 bytes":          head("+content-length: 0"),
		"unknown subprotocols":       head("+Sec-WebSocket-Protocol: chat, superchat"),
	}
	for name, head := range tests {
		t.Run(name, func(t *testing.T) {
			var h Handshake
			if r := h.Parse(head); r != nil {
				t.Fatalf("refused: %+v", r)
			}
			if !h.Upgrade {
				t.Fatal("not an upgrade")
			}
			if string(h.Path) != "/ws" || string(h.Host) != "example.com:8000" && name != "a browser's" {
				t.Errorf("path %q, host %q", h.Path, h.Host)
			}
		})
	}
}

func TestRFC6455Section42Refused(t *testing.T) {
	tests := map[string]struct {
		head   []byte
		status int
		code   string
	}{
		"POST":                       {head("POST /ws HTTP/1.1"), 400, "bad_upgrade"},
		"get":                        {head("get /ws HTTP/1.1"), 400, "bad_upgrade"},
		"HTTP/1.0":                   {head("GET /ws HTTP/1.0"), 400, "bad_upgrade"},
		"HTTP/2.0":                   {head("GET /ws HTTP/2.0"), 505, "unsupported_http_version"},
		"no Upgrade":                 {head("-Upgrade"), 400, "bad_upgrade"},
		"Upgrade to h2c":             {head("Upgrade: h2c"), 400, "bad_upgrade"},
		"Upgrade with a Kelvin sign": {head("Upgrade: websoc\u212aet"), 400, "bad_upgrade"},
		"no Connection":              {head("-Connection"), 400, "bad_upgrade"},
		"Connection: close":          {head("Connection: close"), 400, "bad_upgrade"},
		"Connection: upgraded":       {head("Connection: upgraded"), 400, "bad_upgrade"},
		"no version":                 {head("-Sec-WebSocket-Version"), 400, "bad_upgrade"},
		"version 8":                  {head("Sec-WebSocket-Version: 8"), 426, "unsupported_version"},
		"version 013":                {head("Sec-WebSocket-Version: 013"), 426, "unsupported_version"},
		"version 13, 8":              {head("Sec-WebSocket-Version: 13, 8"), 426, "unsupported_version"},
		"versions 13 and 8":          {head("+Sec-WebSocket-Version: 8"), 426, "unsupported_version"},
		"versions 8 and 13":          {head("Sec-WebSocket-Version: 8", "+Sec-WebSocket-Version: 13"), 426, "unsupported_version"},
		"an empty version":           {head("Sec-WebSocket-Version: "), 426, "unsupported_version"},
		"version 8 and no key":       {head("Sec-WebSocket-Version: 8", "-Sec-WebSocket-Key"), 426, "unsupported_version"},
		"version twice":              {head("+Sec-WebSocket-Version: 13"), 400, "bad_upgrade"},
		"no key":                     {head("-Sec-WebSocket-Key"), 400, "bad_upgrade"},
		"key twice":                  {head("+Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400, "bad_upgrade"},
		"key of 15 bytes":            {head("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"), 400, "bad_upgrade"},
		"key of 17 bytes":            {head("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU="), 400, "bad_upgrade"},
		"key of 18 bytes":            {head("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWVl"), 400, "bad_upgrade"},
		"key not base64":             {head("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ*=="), 400, "bad_upgrade"},
		"key in base64url":           {head("Sec-WebSocket-Key: -_hlIHNhbXBsZSBub25jZQ=="), 400, "bad_upgrade"},
		"key without padding":        {head("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"), 400, "bad_upgrade"},
		"key empty":                  {head("Sec-WebSocket-Key: "), 400, "bad_upgrade"},
		"no Host":                    {head("-Host"), 400, "bad_request"},
		"Host twice":                 {head("+Host: example.com:8000"), 400, "bad_request"},
		"Host empty":                 {head("Host: "), 400, "bad_upgrade"},
		"Host with a path":           {head("Host: example.com/ws"), 400, "bad_request"},
		"Host with a user":           {head("Host: user@example.com"), 400, "bad_request"},
		"two Hosts in one":           {head("Host: a b"), 400, "bad_request"},
		"Content-Length":             {head("+Content-Length: 5"), 400, "bad_upgrade"},
		"Content-Length twice":       {head("+Content-Length: 0", "+Content-Length: 0"), 400, "bad_upgrade"},
		"Content-Length: 00":         {head("+Content-Length: 00"), 400, "bad_upgrade"},
		"Content-Length: +0":         {head("+Content-Length: +0"), 400, "bad_upgrade"},
		"Content-Length: 0, 0":       {head("+Content-Length: 0, 0"), 400, "bad_upgrade"},
		"Content-Length empty":       {head("+Content-Length:"), 400, "bad_upgrade"},
		"Content-Length 0, encoded":  {head("+Content-Length: 0", "+Transfer-Encoding: chunked"), 400, "bad_upgrade"},
		"Transfer-Encoding identity": {head("+Transfer-Encoding: identity"), 400, "bad_upgrade"},
		"Transfer-Encoding":          {head("+Transfer-Encoding: chunked"), 400, "bad_upgrade"},
		"Origin empty":               {head("+Origin: "), 400, "bad_upgrade"},
		"Origin twice":               {head("+Origin: http://a", "+Origin: http://b"), 400, "bad_upgrade"},
		"subprotocol with spaces":    {head("+Sec-WebSocket-Protocol: momentum, a b"), 400, "bad_upgrade"},
		"CONNECT":                    {head("CONNECT example.com:443 HTTP/1.1"), 400, "bad_request"},
		"asterisk":                   {head("GET * HTTP/1.1"), 400, "bad_request"},
		"ftp target":                 {head("GET ftp://example.com/ws HTTP/1.1"), 400, "bad_request"},
		"absolute, no host":          {head("GET http:///ws HTTP/1.1"), 400, "bad_request"},
		"absolute, with a user":      {head("GET http://a@b/ws HTTP/1.1"), 400, "bad_request"},
		"target with a fragment":     {head("GET /ws#top HTTP/1.1"), 400, "bad_request"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { refused(t, test.head, test.status, test.code) })
	}
}

func refused(t *testing.T, head []byte, status int, code string) {
	t.Helper()
	var h Handshake
	r := h.Parse(head)
	if r == nil {
		t.Fatalf("accepted, upgrade %v", h.Upgrade)
	}
	if r.Status != status || r.Code != code || r.Message == "" || h.Upgrade {
		t.Fatalf("got %+v, want %d %s", r, status, code)
	}
}

// TestRFC6455Section44RefusalNamesTheVersion holds that the refusal of a version that is wrong, missing or repeated names
// the right one, whatever else is wrong with the request, and that no other refusal does.
func TestRFC6455Section44RefusalNamesTheVersion(t *testing.T) {
	for name, test := range map[string]struct {
		head  []byte
		named bool
	}{
		"wrong":               {head("Sec-WebSocket-Version: 8"), true},
		"missing":             {head("-Sec-WebSocket-Version"), true},
		"twice":               {head("+Sec-WebSocket-Version: 13"), true},
		"missing, and no key": {head("-Sec-WebSocket-Version", "-Sec-WebSocket-Key"), true},
		"wrong, and a body":   {head("Sec-WebSocket-Version: 8", "+Content-Length: 5"), true},
		"no key":              {head("-Sec-WebSocket-Key"), false},
		"no Upgrade":          {head("-Upgrade"), false},
		"no Host":             {head("-Host", "-Sec-WebSocket-Version"), false}, // not HTTP/1.1
		"two tokens":          {head("GET /ws?token=a HTTP/1.1", "+Authorization: Bearer b"), false},
	} {
		var h Handshake
		r := h.Parse(test.head)
		if r == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if answer := AppendRefusal(nil, r, 0); bytes.Contains(answer, []byte("\r\nSec-WebSocket-Version: 13\r\n")) != test.named {
			t.Errorf("%s: answered %q", name, answer)
		}
	}
}

// TestRFC9112MalformedHeadIsRefused uses a plain request: a head that two parsers could read differently is refused
// whatever it asks for.
func TestRFC9112MalformedHeadIsRefused(t *testing.T) {
	tests := map[string]string{
		"nothing":                    "\r\n",
		"two empty lines in front":   "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"a bare LF in front":         "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"a bare CR in front":         "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"bare LF after the request":  "GET / HTTP/1.1\nHost: a\r\n\r\n",
		"bare LF after a header":     "GET / HTTP/1.1\r\nHost: a\n\r\n",
		"bare LF in the blank line":  "GET / HTTP/1.1\r\nHost: a\r\n\n",
		"only bare LF":               "GET / HTTP/1.1\nHost: a\n\n",
		"bare CR in a header":        "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
		"bare CR in the target":      "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n",
		"two CR":                     "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
		"folded by a space":          "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
		"folded by a tab":            "GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n",
		"space before the colon":     "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"space before the name":      "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
		"no colon":                   "GET / HTTP/1.1\r\nHost: a\r\nwhat\r\n\r\n",
		"no name":                    "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
		"a name in brackets":         "GET / HTTP/1.1\r\nHost: a\r\n(b): c\r\n\r\n",
		"a name beyond ASCII":        "GET / HTTP/1.1\r\nHost: a\r\nX-\xe9: c\r\n\r\n",
		"NUL in a value":             "GET / HTTP/1.1\r\nHost: a\r\nX: b\x00c\r\n\r\n",
		"NUL in a name":              "GET / HTTP/1.1\r\nHost: a\r\nX\x00: bc\r\n\r\n",
		"NUL in the target":          "GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
		"DEL in a value":             "GET / HTTP/1.1\r\nHost: a\r\nX: b\x7f\r\n\r\n",
		"two spaces":                 "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
		"two spaces before HTTP":     "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
		"a tab for a space":          "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"no version":                 "GET /\r\nHost: a\r\n\r\n",
		"a version like HTTP/1":      "GET / HTTP/1\r\nHost: a\r\n\r\n",
		"a version like http/1.1":    "GET / http/1.1\r\nHost: a\r\n\r\n",
		"a version like HTTP/11":     "GET / HTTP/1.11\r\nHost: a\r\n\r\n",
		"no method":                  " / HTTP/1.1\r\nHost: a\r\n\r\n",
		"a method in brackets":       "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
		"a target beyond ASCII":      "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
		"no Host":                    "GET / HTTP/1.1\r\n\r\n",
		"Host twice":                 "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
		"Host twice in HTTP/1.0":     "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
		"bytes after the blank line": "GET / HTTP/1.1\r\nHost: a\r\n\r\nmore",
		"no blank line":              "GET / HTTP/1.1\r\nHost: a\r\n",
		"half a line":                "GET / HTTP/1.1\r\nHost: a",
	}
	for name, head := range tests {
		t.Run(name, func(t *testing.T) { refused(t, []byte(head), 400, "bad_request") })
	}
}

func TestPlainRequestsAreAccepted(t *testing.T) {
	for _, head := range []string{
		"GET /ws/stats HTTP/1.1\r\nHost: a\r\n\r\n",
		"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", // RFC 9112 §2.2
		"GET / HTTP/1.1\r\nHost: \r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n",
		"POST /ws/broadcast HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n", // nginx with a fixed Connection header
		"GET /?token=a&token=b HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer c\r\n\r\n",
	} {
		var h Handshake
		if r := h.Parse([]byte(head)); r != nil || h.Upgrade {
			t.Errorf("%q: refusal %+v, upgrade %v", head, r, h.Upgrade)
		}
	}
}

// TestRFC9110Section932NoContentForHead holds that a response to HEAD has the length of its content but no content.
func TestRFC9110Section932NoContentForHead(t *testing.T) {
	for _, request := range [][]byte{
		head("HEAD /ws HTTP/1.1"), append([]byte("\r\n"), head("HEAD /ws HTTP/1.1")...), head("HEAD /ws HTTP/1.1", "Host: a b"),
		head("HEAD /ws HTTP/1.1", "+X: "+strings.Repeat("x", MaxHeadBytes)),
	} {
		r := new(Handshake).Parse(request)
		if r == nil {
			t.Fatalf("%.60q is accepted", request)
		}
		if answer := AppendRefusal(nil, r, 0); !bytes.HasSuffix(answer, []byte("\r\n\r\n")) || !bytes.Contains(answer, []byte("Content-Length: ")) {
			t.Errorf("%.60q: responded %q", request, answer)
		}
	}
	if r := new(Handshake).Parse(head("POST /ws HTTP/1.1")); r == nil || r.NoContent {
		t.Errorf("the refusal of a POST: %+v", r)
	}
}

func TestParseSetsTheFields(t *testing.T) {
	var h Handshake
	if r := h.Parse([]byte(request)); r != nil {
		t.Fatal(r)
	}
	if string(h.Origin) != "https://chat.example.com" || h.Forwarded || !bytes.HasPrefix(h.Query, []byte("token=eyJ")) {
		t.Errorf("origin %q, forwarded %v, query %q", h.Origin, h.Forwarded, h.Query)
	}
	if len(h.Extensions) != 1 || string(h.Extensions[0]) != "permessage-deflate; client_max_window_bits" {
		t.Errorf("extensions %q", h.Extensions)
	}
	for _, header := range []string{"Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4", "x-forwarded-proto: https", "X-FORWARDED-HOST: a"} {
		if r := h.Parse(head("+" + header)); r != nil || !h.Forwarded {
			t.Errorf("%q: refusal %v, forwarded %v", header, r, h.Forwarded)
		}
	}
	if r := h.Parse(head("+TraceParent: 00-0af7-b7ad-01")); r != nil || string(h.Traceparent) != "00-0af7-b7ad-01" {
		t.Errorf("refusal %v, traceparent %q", r, h.Traceparent)
	}
	if r := h.Parse(head()); r != nil || h.Forwarded || h.Traceparent != nil || h.Origin != nil || len(h.Extensions) != 0 || h.Token() != nil {
		t.Errorf("a reused Handshake keeps %+v", h)
	}
}
