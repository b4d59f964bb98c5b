package protocol

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func FuzzHandshake(f *testing.F) {
	for _, seed := range [][]byte{
		[]byte(request), head(), head("POST /ws HTTP/1.1"), head("Sec-WebSocket-Version: 8"),
		head("GET http://h/ws?token=a%2Eb HTTP/1.1", "+Authorization: Bearer a.b", "+Sec-WebSocket-Protocol: momentum, a.b"),
		head("Connection: keep-alive", "+connection: ,Upgrade"), head("+Content-Length: 0"), head("+Content-Length: 0", "+content-length: 1"),
		head("+X-Forwarded-For: 192.0.2.1, [2001:db8::1]:80", "+x-forwarded-for: , 10.0.0.2"),
		[]byte("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"), []byte("GET / HTTP/1.0\n\n"), []byte("\r\n\r\n"),
		append([]byte("\r\n"), head()...), head("HEAD /ws HTTP/1.1"), head("Host: [::"),
		plainHead("GET /ws?token=a%2Eb HTTP/1.1", "+Authorization: Bearer a.b"), plainHead("GET /ws HTTP/1.0"), plainHead("+Content-Length: 1"),
		plainHead("+Origin: https://a", "+Origin: https://b"), plainHead("OPTIONS /ws HTTP/1.1", "+Origin: https://a"),
	} {
		f.Add(seed, uint16(20))
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut uint16) {
		n := HeadEnd(stream, 0)
		searched := min(int(cut), max(n-1, 0), len(stream))
		if HeadEnd(stream[:searched], 0) != 0 || HeadEnd(stream, searched) != n {
			t.Fatalf("the head has another end when %d bytes were searched before", searched)
		}
		var h Handshake
		if r := h.Parse(stream[:n]); r != nil {
			fuzzRefusal(t, &h, stream[:n], r)
			return
		}
		fuzzAgainstNetHTTP(t, &h, stream[:n])
		if h.Inquiry() && !h.badSubprotocol && !h.http10 && !IsHead(stream) {
			fuzzInquiry(t, &h, stream[:n])
		}
	})
}

// fuzzInquiry expects the handshake that differs in the headers of the WebSocket alone to have the same result.
func fuzzInquiry(t *testing.T, inquiry *Handshake, head []byte) {
	const headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	upgrade := append(bytes.Clone(head[:len(head)-2]), headers...)
	if len(upgrade) > MaxHeadBytes {
		return
	}
	var handshake Handshake
	want := handshake.Parse(upgrade)
	sameVerdict(t, string(head), &handshake, want, inquiry, inquiry.CheckInquiry())
}

func fuzzRefusal(t *testing.T, h *Handshake, head []byte, r *Refusal) {
	answer := AppendRefusal(nil, r, 1)
	if r.NoContent {
		if !IsHead(head) || !bytes.HasSuffix(answer, []byte("\r\n\r\n")) {
			t.Fatalf("%q: responded %q", head, answer)
		}
		return
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
	if err != nil || h.Upgrade {
		t.Fatalf("%+v: upgrade %v, %v", r, h.Upgrade, err)
	}
	checkRefusal(t, r, &http.Response{
		StatusCode: resp.StatusCode, Header: http.Header{
			"Content-Type": resp.Header["Content-Type"], "Cache-Control": resp.Header["Cache-Control"],
		},
		Body: resp.Body, ContentLength: resp.ContentLength, Close: resp.Close,
	}, 0)
}

// fuzzAgainstNetHTTP expects the standard library to read the same request from a head that we accept. It is stricter where
// we do not look (percent-encoding of paths), so its errors prove nothing.
func fuzzAgainstNetHTTP(t *testing.T, h *Handshake, head []byte) {
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(SkipEmptyLine(head))))
	if err != nil {
		return
	}
	if req.Host != string(h.Host) || req.URL.RawQuery != string(h.Query) || req.Header.Get("Origin") != string(h.Origin) {
		t.Fatalf("host %q, query %q, origin %q; net/http reads %q, %q, %q", h.Host, h.Query, h.Origin,
			req.Host, req.URL.RawQuery, req.Header.Get("Origin"))
	}
	fuzzClient(t, h, req.Header["X-Forwarded-For"])
	if !h.Upgrade {
		return
	}
	if req.Method != "GET" || !req.ProtoAtLeast(1, 1) || req.Header.Get("Sec-WebSocket-Version") != "13" ||
		req.ContentLength != 0 || len(req.TransferEncoding) > 0 ||
		!strings.Contains(strings.ToLower(strings.Join(req.Header["Connection"], ",")), "upgrade") {
		t.Fatalf("accepted %q", head)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(h.AppendAccept(nil, 0))), httptest.NewRequest("GET", "/", nil))
	if err != nil || resp.StatusCode != 101 {
		t.Fatal(resp, err)
	}
}

// fuzzClient reads the header as net/http returns it, and trusts 10.0.0.0/8 and 2001:db8::/32.
func fuzzClient(t *testing.T, h *Handshake, forwardedFor []string) {
	trusted := func(a netip.Addr) bool {
		return a.Is4() && a.As4()[0] == 10 || a.Is6() && string(a.AsSlice()[:4]) == "\x20\x01\x0d\xb8"
	}
	want := netip.MustParseAddr("10.0.0.1")
	for _, hop := range slices.Backward(strings.Split(strings.Join(forwardedFor, ","), ",")) {
		if hop = strings.Trim(hop, " \t"); hop == "" {
			continue
		}
		addr, ok := parseHop(hop)
		if !ok || !trusted(want) {
			break
		}
		want = addr
	}
	if got := h.Client(netip.MustParseAddr("10.0.0.1"), trusted); got != want {
		t.Fatalf("%q: the client is %v, want %v", forwardedFor, got, want)
	}
}
