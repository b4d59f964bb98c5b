package server

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
)

// TestRefusalsAtTheSocket makes each mistake on a real connection: the answer is plain HTTP with a JSON body that says
// how to correct it, the connection ends in order, and the refusal is counted by its reason.
func TestRefusalsAtTheSocket(t *testing.T) {
	n := startReal(t, realOptions())
	sign := func(key string, change func(*auth.Claims)) string {
		c := auth.Claims{UserID: userID("eve"), Username: "eve", IssuedAt: time.Now().Unix(), ExpiresAt: time.Now().Add(time.Hour).Unix()}
		if change != nil {
			change(&c)
		}
		token, err := auth.Sign([]byte(key), c)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := sign(string(secret), nil)
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	_, claims, _ := strings.Cut(good, ".")
	claims, _, _ = strings.Cut(claims, ".")
	request := func(replace ...string) string {
		return strings.NewReplacer(replace...).Replace(string(upgradeRequest(good)))
	}
	cases := []struct {
		name, request string
		status        int
		code, reason  string
	}{
		{"no token", request("?token="+good, ""), 401, "token_missing", "token"},
		{"malformed", request(good, "abc"), 401, "token_malformed", "token"},
		{"expired", request(good, sign(string(secret), func(c *auth.Claims) { c.ExpiresAt = time.Now().Add(-time.Hour).Unix() })), 401, "token_expired", "token"},
		{"from the future", request(good, sign(string(secret), func(c *auth.Claims) { c.IssuedAt = time.Now().Add(time.Hour).Unix() })), 401, "token_not_yet_valid", "token"},
		{"wrong secret", request(good, sign("not the secret of this server at all", nil)), 401, "token_signature", "token"},
		{"alg none", request(good, part(`{"alg":"none","typ":"JWT"}`)+"."+claims+"."), 401, "token_algorithm", "token"},
		{"no key", request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), 400, "bad_upgrade", "bad_request"},
		{"version 8", request("Version: 13", "Version: 8"), 426, "unsupported_version", "bad_request"},
		{"POST", request("GET ", "POST "), 400, "bad_upgrade", "bad_request"},
		{"bare LF", request("\r\nHost", "\nHost"), 400, "bad_request", "bad_request"},
		{"too long", request("\r\nHost", "\r\nX: "+strings.Repeat("x", 9000)+"\r\nHost"), 431, "", "bad_request"},
		{"another site's page", request("\r\nHost", "\r\nOrigin: https://evil.example\r\nHost"), 403, "origin", "origin"},
		{"another path", request("/ws", "/chat"), 404, "not_found", "not_found"},
	}
	refused := map[string]uint64{}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, answer := exchange(t, n.addr, c.request)
			if status != c.status || c.code != "" && answer.Error != c.code || answer.Message == "" {
				t.Errorf("answered %d %+v, want %d %s", status, answer, c.status, c.code)
			}
		})
		refused[c.reason]++
	}
	for reason, want := range refused {
		if got := n.Stats().Refused[reason]; got != want {
			t.Errorf("%d refusals counted under %q, want %d", got, reason, want)
		}
	}
	w := mustJoin(t, n, "still welcome")
	w.Close()
}

type refusalBody struct{ Error, Message string }

// exchange sends a raw request and reads the answer up to the end of the connection.
func exchange(t *testing.T, addr, request string) (status int, body refusalBody) {
	t.Helper()
	w, err := dialWire(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := io.WriteString(w, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(w.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if _, err := w.in.ReadByte(); err != io.EOF {
		t.Fatalf("after the answer the connection gives %v, want its end", err)
	}
	return response.StatusCode, body
}
