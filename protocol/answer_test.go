package protocol

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

func accept(t *testing.T, head []byte) (string, *http.Response) {
	t.Helper()
	var h Handshake
	if r := h.Parse(head); r != nil {
		t.Fatal(r)
	}
	answer := h.AppendAccept(nil, Deflate{})
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer), resp
}

func TestRFC6455Section422Accept(t *testing.T) {
	_, resp := accept(t, head())
	if resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" ||
		resp.Header.Get("Upgrade") != "websocket" || resp.Header.Get("Connection") != "Upgrade" || len(resp.Header) != 3 {
		t.Errorf("got %d %v", resp.StatusCode, resp.Header)
	}
}

func TestRFC6455Section422Subprotocol(t *testing.T) {
	for offer, want := range map[string]string{
		"momentum": "momentum", "momentum, secret.jwt.token": "momentum", "secret.jwt.token, momentum": "momentum", "chat,momentum": "momentum",
		"chat": "", "Momentum": "", "momentums": "",
	} {
		answer, resp := accept(t, head("+Sec-WebSocket-Protocol: "+offer))
		if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != want {
			t.Errorf("%q was offered and %q selected", offer, got)
		}
		if strings.Contains(answer, "secret") {
			t.Errorf("the token is repeated: %q", answer)
		}
	}
}

// TestUpgraderOfTheLibrary records why it does not do the negotiation: it agrees on what it accepts, but turns
// down a request that RFC 9110 §5.3 allows. See docs/adr/0002-handshake-parsing.md.
func TestUpgraderOfTheLibrary(t *testing.T) {
	u := ws.Upgrader{Protocol: func(p []byte) bool { return string(p) == Subprotocol }}
	upgrade := func(head []byte) (string, error) {
		rw := &headReadWriter{in: head}
		_, err := u.Upgrade(rw)
		return string(rw.out), err
	}
	ours, _ := accept(t, []byte(request))
	if theirs, err := upgrade([]byte(request)); err != nil || ours != theirs {
		t.Errorf("ours %q, theirs %q %v", ours, theirs, err)
	}
	two := head("Connection: keep-alive", "+Connection: Upgrade")
	accept(t, two)
	if _, err := upgrade(two); err == nil {
		t.Error("the library now takes two Connection headers: reconsider the decision")
	}
}

func TestToken(t *testing.T) {
	tests := map[string]struct {
		head []byte
		want string
	}{
		"none":                    {head(), ""},
		"query":                   {head("GET /ws?token=a.b-c_d HTTP/1.1"), "a.b-c_d"},
		"query, among others":     {head("GET /ws?x=1&token=abc&y=2 HTTP/1.1"), "abc"},
		"query, percent-encoded":  {head("GET /ws?token=a%2Eb%2ec%2D HTTP/1.1"), "a.b.c-"},
		"query, other names":      {head("GET /ws?mytoken=a&token2=b&token HTTP/1.1"), ""},
		"query, empty":            {head("GET /ws?token= HTTP/1.1"), ""},
		"bearer":                  {head("+Authorization: Bearer abc"), "abc"},
		"bearer in any case":      {head("+authorization: bEARER   abc"), "abc"},
		"basic":                   {head("+Authorization: Basic abc"), ""},
		"bearer without a token":  {head("+Authorization: Bearer"), ""},
		"subprotocol":             {head("+Sec-WebSocket-Protocol: momentum, abc"), "abc"},
		"subprotocol, first":      {head("+Sec-WebSocket-Protocol: abc,momentum"), "abc"},
		"subprotocol, two lines":  {head("+Sec-WebSocket-Protocol: momentum", "+Sec-WebSocket-Protocol: abc"), "abc"},
		"subprotocol, not ours":   {head("+Sec-WebSocket-Protocol: chat, abc"), ""},
		"subprotocol, ours alone": {head("+Sec-WebSocket-Protocol: momentum"), ""},
		"the same in all places": {head("GET /ws?token=abc HTTP/1.1", "+Authorization: Bearer abc", "+Sec-WebSocket-Protocol: momentum, abc"),
			"abc"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var h Handshake
			if r := h.Parse(test.head); r != nil || string(h.Token()) != test.want || (h.Token() == nil) != (test.want == "") {
				t.Errorf("refusal %v, token %q, want %q", r, h.Token(), test.want)
			}
		})
	}
}

func TestTokenRefused(t *testing.T) {
	tests := map[string]struct {
		head []byte
		code string
	}{
		"query and bearer":       {head("GET /ws?token=a HTTP/1.1", "+Authorization: Bearer b"), "conflicting_tokens"},
		"query and subprotocol":  {head("GET /ws?token=a HTTP/1.1", "+Sec-WebSocket-Protocol: momentum, b"), "conflicting_tokens"},
		"bearer and subprotocol": {head("+Authorization: Bearer a", "+Sec-WebSocket-Protocol: momentum, b"), "conflicting_tokens"},
		"query twice":            {head("GET /ws?token=a&token=a HTTP/1.1"), "conflicting_tokens"},
		"authorization twice":    {head("+Authorization: Bearer a", "+Authorization: Bearer a"), "conflicting_tokens"},
		"percent, no digits":     {head("GET /ws?token=a%zz HTTP/1.1"), "bad_token_encoding"},
		"percent, cut short":     {head("GET /ws?token=a%2 HTTP/1.1"), "bad_token_encoding"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { refused(t, test.head, 400, test.code) })
	}
}

func TestAppendRefusal(t *testing.T) {
	headers := map[int]map[string]string{
		400: {}, 403: {}, 404: {}, 408: {}, 414: {}, 429: {}, 431: {}, 503: {}, 505: {},
		401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "GET"}, 426: {"Upgrade": "websocket"},
	}
	for status, extra := range headers {
		for _, retryAfter := range []int{0, 7} {
			r := &Refusal{Status: status, Code: "some_code", Message: `say "please"` + "\n" + strings.Repeat("long ", 200)}
			resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(AppendRefusal(nil, r, retryAfter))), nil)
			if err != nil {
				t.Fatal(status, err)
			}
			judgeRefusal(t, r, resp, retryAfter)
			for name, value := range extra {
				if resp.Header.Get(name) != value {
					t.Errorf("%d: %s is %q", status, name, resp.Header.Get(name))
				}
			}
		}
	}
}

func judgeRefusal(t *testing.T, r *Refusal, resp *http.Response, retryAfter int) {
	t.Helper()
	body, _ := io.ReadAll(resp.Body)
	var said struct{ Error, Message string }
	if err := json.Unmarshal(body, &said); err != nil || said.Error != r.Code || said.Message != r.Message {
		t.Errorf("%d: body %q: %v", r.Status, body, err)
	}
	if resp.StatusCode != r.Status || !resp.Close || resp.ContentLength != int64(len(body)) ||
		resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d: %d %v", r.Status, resp.StatusCode, resp.Header)
	}
	if want := map[int]string{0: "", 7: "7"}[retryAfter]; resp.Header.Get("Retry-After") != want {
		t.Errorf("%d: Retry-After is %q", r.Status, resp.Header.Get("Retry-After"))
	}
}
