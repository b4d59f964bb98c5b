package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARefusalIsPrintedWithItsReason(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		retry  string
		body   string
		want   string
	}{
		"token":       {401, "", `{"error":"token_expired","message":"the token has expired: get a new token"}`, "Failed to connect: 401 Unauthorized: token_expired: the token has expired: get a new token\n"},
		"full":        {503, "7", `{"error":"full","message":"the node is full"}`, "Failed to connect: 503 Service Unavailable (try again after 7 seconds): full: the node is full\n"},
		"proxy":       {502, "", "<h1>bad\x1b[2J\ngateway</h1>", `Failed to connect: 502 Bad Gateway: <h1>bad\x1b[2J\ngateway</h1>` + "\n"},
		"no body":     {404, "", "", "Failed to connect: 404 Not Found\n"},
		"plain 200":   {200, "", "hello", "Failed to connect: 200 OK: hello\n"},
		"huge answer": {500, "", strings.Repeat("x", 1<<20), "Failed to connect: 500 Internal Server Error: xxx"},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.retry != "" {
					w.Header().Set("Retry-After", tt.retry)
				}
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			}))
			defer s.Close()
			got := client(t, "ping\n", "--url", "ws"+strings.TrimPrefix(s.URL, "http"))
			wantOutcome(t, got, exitFailed, "", tt.want)
			if got.out != "" || len(got.err) > 2000 {
				t.Errorf("out %q, %d bytes of err", got.out, len(got.err))
			}
		})
	}
}

func TestARefusedConnectIsReportedWithoutTheToken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	got := client(t, "", "--url", "ws://"+address+"/ws?token=secret")
	wantOutcome(t, got, exitFailed, "", "Failed to connect: dial tcp "+address)
	if strings.Contains(got.err, "secret") {
		t.Errorf("the token is printed: %s", got.err)
	}
}
