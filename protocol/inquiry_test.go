package protocol

import (
	"bufio"
	"bytes"
	"maps"
	"net/http"
	"testing"
)

// plainHead is head without the headers of the WebSocket.
func plainHead(changes ...string) []byte {
	return head(append([]string{"-Upgrade", "-Connection", "-Sec-WebSocket-Version", "-Sec-WebSocket-Key"}, changes...)...)
}

func TestAnInquiryIsAPlainGetOrHead(t *testing.T) {
	for name, c := range map[string]struct {
		head               []byte
		inquiry, preflight bool
	}{
		"GET":                         {plainHead(), true, false},
		"HEAD":                        {plainHead("HEAD /ws HTTP/1.1"), true, false},
		"POST":                        {plainHead("POST /ws HTTP/1.1"), false, false},
		"an upgrade":                  {head(), false, false},
		"an upgrade to something":     {plainHead("+Upgrade: h2c", "+Connection: Upgrade"), true, false},
		"OPTIONS of a page":           {plainHead("OPTIONS /ws HTTP/1.1", "+Origin: https://a"), false, true},
		"OPTIONS of a program":        {plainHead("OPTIONS /ws HTTP/1.1"), false, false},
		"OPTIONS of two pages":        {plainHead("OPTIONS /ws HTTP/1.1", "+Origin: https://a", "+Origin: https://b"), false, false},
		"OPTIONS with a body":         {plainHead("OPTIONS /ws HTTP/1.1", "+Origin: https://a", "+Content-Length: 1"), false, false},
		"a subprotocol without a key": {plainHead("+Sec-WebSocket-Protocol: momentum"), true, false},
	} {
		var h Handshake
		if refusal := h.Parse(c.head); refusal != nil || h.Inquiry() != c.inquiry || h.Preflight() != c.preflight {
			t.Errorf("%s: inquiry %v, preflight %v, %v", name, h.Inquiry(), h.Preflight(), refusal)
		}
	}
}

func TestAnInquiryIsRefusedAsItsHandshake(t *testing.T) {
	for name, changes := range map[string][]string{
		"nothing wrong":      {"GET /ws?token=a HTTP/1.1"},
		"HTTP/1.0":           {"GET /ws HTTP/1.0"},
		"a body":             {"+Content-Length: 5"},
		"no host":            {"Host: "},
		"two origins":        {"+Origin: https://a", "+Origin: https://b"},
		"an empty origin":    {"+Origin: "},
		"two tokens":         {"GET /ws?token=a HTTP/1.1", "+Authorization: Bearer b"},
		"two places, equal":  {"GET /ws?token=a HTTP/1.1", "+Authorization: Bearer a", "+Sec-WebSocket-Protocol: momentum, a"},
		"a malformed token":  {"GET /ws?token=%zz HTTP/1.1"},
		"two authorizations": {"+Authorization: Bearer b", "+Authorization: Bearer b"},
	} {
		var handshake, inquiry Handshake
		want := handshake.Parse(head(changes...))
		if refusal := inquiry.Parse(plainHead(changes...)); refusal != nil {
			t.Fatalf("%s: %+v", name, refusal)
		}
		sameVerdict(t, name, &handshake, want, &inquiry, inquiry.CheckInquiry())
	}
}

// sameVerdict checks that an inquiry has the result of its handshake.
func sameVerdict(t *testing.T, name string, handshake *Handshake, want *Refusal, inquiry *Handshake, got *Refusal) {
	t.Helper()
	if (got == nil) != (want == nil) || got != nil && (got.Status != want.Status || got.Code != want.Code || got.Message != want.Message) {
		t.Errorf("%s: the inquiry gets %+v, the handshake %+v", name, got, want)
	}
	if want == nil && !bytes.Equal(handshake.Token(), inquiry.Token()) {
		t.Errorf("%s: the token of the inquiry is %q, that of the handshake %q", name, inquiry.Token(), handshake.Token())
	}
}

func TestAnswersForPagesAreCompleteResponses(t *testing.T) {
	origin := []byte("https://chat.example")
	readable := AppendReadable(nil, origin)
	for name, c := range map[string]struct {
		answer []byte
		status int
		header http.Header
	}{
		"yes to a program": {AppendYes(nil, nil), 204, http.Header{"Cache-Control": {"no-store"}}},
		"yes to a page": {AppendYes(nil, readable), 204, http.Header{
			"Cache-Control": {"no-store"}, "Access-Control-Allow-Origin": {"https://chat.example"}, "Vary": {"Origin"},
			"Access-Control-Expose-Headers": {"Retry-After"},
		}},
		"yes to a preflight": {AppendPreflight(nil, origin), 204, http.Header{
			"Cache-Control": {"no-store"}, "Access-Control-Allow-Origin": {"https://chat.example"}, "Vary": {"Origin"},
			"Access-Control-Allow-Methods": {"GET"}, "Access-Control-Allow-Headers": {"Authorization"}, "Access-Control-Max-Age": {"7200"},
		}},
		"no to a page": {AppendRefusal(nil, &Refusal{Status: 503, Code: "a", Message: "b", Headers: readable}, 7), 503, http.Header{
			"Cache-Control": {"no-store"}, "Access-Control-Allow-Origin": {"https://chat.example"}, "Vary": {"Origin"},
			"Access-Control-Expose-Headers": {"Retry-After"}, "Retry-After": {"7"}, "Content-Type": {"application/json"}, "Content-Length": {"27"},
		}},
	} {
		in := bufio.NewReader(bytes.NewReader(c.answer))
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if response.StatusCode != c.status || !response.Close || !maps.EqualFunc(response.Header, c.header, func(a, b []string) bool { return a[0] == b[0] && len(a) == len(b) }) {
			t.Errorf("%s: %d %v, close %v", name, response.StatusCode, response.Header, response.Close)
		}
		if c.status == 204 && in.Buffered() > 0 {
			t.Errorf("%s: a 204 has content", name)
		}
	}
}
