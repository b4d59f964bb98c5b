package protocol

import (
	"testing"
)

func TestTokenFromEachPlace(t *testing.T) {
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

func TestConflictingTokensAreRefused(t *testing.T) {
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
