package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// upgradeHeaders are those of RFC 6455 §4.1, with the key of its §1.3, as curl takes them.
func upgradeHeaders(version, key string) []string {
	return []string{
		"-H", "Connection: Upgrade", "-H", "Upgrade: websocket",
		"-H", "Sec-WebSocket-Version: " + version, "-H", "Sec-WebSocket-Key: " + key,
	}
}

// TestEachMistakeOfAHandshakeHasItsRefusal makes each mistake of a handshake with curl. Each has a status and a code of its own,
// in JSON, with a sentence that says how to correct it.
func TestEachMistakeOfAHandshakeHasItsRefusal(t *testing.T) {
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	s := serve(t)
	token := signFor(t, "alice")
	upgrade := upgradeHeaders("13", key)
	bearer := []string{"-H", "Authorization: Bearer " + token}
	for _, tt := range []struct {
		name, target string
		args         [][]string
		status       int
		code         string
		headers      map[string]string
	}{
		{"no token", "/ws", [][]string{upgrade},
			401, "token_missing", map[string]string{"WWW-Authenticate": "Bearer", "Connection": "close"}},
		{"malformed token", "/ws?token=a.b.c", [][]string{upgrade},
			401, "token_malformed", map[string]string{"WWW-Authenticate": "Bearer", "Connection": "close"}},
		{"token with a wrong signature", "/ws", [][]string{upgrade, {"-H", "Authorization: Bearer " + token + "A"}},
			401, "token_signature", map[string]string{"WWW-Authenticate": "Bearer", "Connection": "close"}},
		{"two tokens", "/ws?token=a.b.c", [][]string{upgrade, bearer},
			400, "conflicting_tokens", map[string]string{"Connection": "close"}},
		{"RFC 6455 §4.4 version 8", "/ws", [][]string{upgradeHeaders("8", key), bearer},
			426, "unsupported_version", map[string]string{"Sec-WebSocket-Version": "13", "Upgrade": "websocket", "Connection": "close, Upgrade"}},
		{"RFC 6455 §4.2.1 no version", "/ws", [][]string{upgradeHeaders("", key), bearer}, // curl leaves an empty header out
			400, "bad_upgrade", map[string]string{"Sec-WebSocket-Version": "13", "Connection": "close"}},
		{"RFC 6455 §4.2.1 short key", "/ws", [][]string{upgradeHeaders("13", "c2hvcnQ="), bearer},
			400, "bad_upgrade", map[string]string{"Connection": "close"}},
		{"RFC 6455 §4.2.1 key that is not base64", "/ws", [][]string{upgradeHeaders("13", "!!!!!!!!!!!!!!!!!!!!!!=="), bearer},
			400, "bad_upgrade", map[string]string{"Connection": "close"}},
		{"RFC 6455 §4.1 POST", "/ws", [][]string{{"-X", "POST"}, upgrade, bearer},
			400, "bad_upgrade", map[string]string{"Connection": "close"}},
		{"body", "/ws", [][]string{{"-X", "GET", "-d", "{}"}, upgrade, bearer},
			400, "bad_upgrade", map[string]string{"Connection": "close"}},
		{"no upgrade and no token", "/ws", nil,
			401, "token_missing", map[string]string{"WWW-Authenticate": "Bearer", "Connection": "close"}},
		{"no upgrade, from a page", "/ws?token=a.b.c", [][]string{{"-H", "Origin: http://" + s.ws}},
			401, "token_malformed", map[string]string{"Access-Control-Allow-Origin": "http://" + s.ws, "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin"}},
		{"no upgrade, from a page of another site", "/ws", [][]string{bearer, {"-H", "Origin: https://elsewhere.example"}},
			403, "origin", map[string]string{"Access-Control-Allow-Origin": ""}},
		{"no upgrade, another method", "/ws", [][]string{{"-X", "POST"}, bearer},
			405, "method_not_allowed", nil},
		{"upgrade on another path", "/other", [][]string{upgrade, bearer},
			404, "not_found", map[string]string{"Connection": "close"}},
		{"no upgrade on another path", "/other", nil,
			404, "not_found", nil},
		{"page of another site", "/ws", [][]string{upgrade, bearer, {"-H", "Origin: https://elsewhere.example"}},
			403, "origin", map[string]string{"Connection": "close"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := runCurl(t, "http://"+s.ws+tt.target, tt.args)
			wantRefusal(t, got, tt.status, tt.code)
			wantHeaders(t, got, tt.headers)
		})
	}
}

// TestCurlCallsWithoutABody calls for an action as scripts do, with neither a body nor a content type, on both ports.
func TestCurlCallsWithoutABody(t *testing.T) {
	s := serve(t)
	for _, addr := range []string{s.ws, s.admin} {
		got := runCurl(t, "http://"+addr+"/ws/cleanup", [][]string{{"-X", "POST"}})
		if want := `{"cleaned_connections":0,"remaining_connections":0}`; strings.TrimSpace(string(got.body)) != want {
			t.Errorf("%s %s, want %s", got.status, got.body, want)
		}
		got = runCurl(t, "http://"+addr+"/ws/cleanup", [][]string{{"-X", "POST", "-H", "Origin: https://elsewhere.example"}})
		if !strings.Contains(got.status, " 415 ") {
			t.Errorf("from a page: %s %s, want 415", got.status, got.body)
		}
	}
}

// wantRefusal checks the properties that all refusals have.
func wantRefusal(t *testing.T, got printed, status int, code string) {
	t.Helper()
	if want := fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)); got.status != want {
		t.Errorf("%s, want %s", got.status, want)
	}
	var said struct{ Error, Message string }
	if err := json.Unmarshal(got.body, &said); err != nil || said.Error != code || said.Message == "" {
		t.Errorf("body %s (%v), want error %q and a message", got.body, err, code)
	}
	wantHeaders(t, got, map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store", "Content-Length": strconv.Itoa(len(got.body)),
		"Sec-WebSocket-Accept": "", // RFC 6455 §4.2.2: only a 101 has it
	})
}

func wantHeaders(t *testing.T, got printed, headers map[string]string) {
	t.Helper()
	for name, want := range headers {
		if is := strings.Join(got.header.Values(name), ", "); is != want {
			t.Errorf("%s: %q, want %q", name, is, want)
		}
	}
}

// printed is an answer as curl -i prints it. net/http would hide its Connection header.
type printed struct {
	status string
	header textproto.MIMEHeader
	body   []byte
}

func runCurl(t *testing.T, url string, args [][]string) (p printed) {
	t.Helper()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Fatal("no curl: `make test` installs it (Debian's curl)")
	}
	line := []string{"--disable", "--silent", "--show-error", "--include", "--http1.1", "--noproxy", "*"}
	line = append(line, slices.Concat(args...)...)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	out, err := exec.CommandContext(ctx, curl, append(line, url)...).Output()
	if err != nil {
		t.Fatalf("curl: %v\n%s", err, out)
	}
	answer := textproto.NewReader(bufio.NewReader(bytes.NewReader(out)))
	if p.status, err = answer.ReadLine(); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	if p.header, err = answer.ReadMIMEHeader(); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	if p.body, err = io.ReadAll(answer.R); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	return p
}
