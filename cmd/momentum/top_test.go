package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// streaming is a node with two views and a list, for the right token.
func streaming(t *testing.T) (addr string) {
	t.Helper()
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer sesame":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/ws/connections":
			_, _ = io.WriteString(w, `{"connections":[{"username":"alice"}]}`)
		default:
			_, _ = io.WriteString(w, "event: caller\ndata: {}\n\nevent: view\ndata: {\"users\":1}\n\nevent: view\ndata: {\"users\":2}\n\n")
		}
	}))
	t.Cleanup(node.Close)
	return strings.TrimPrefix(node.URL, "http://")
}

func TestTopPrintsViewsWithoutATerminal(t *testing.T) {
	addr := streaming(t)
	for _, tt := range []struct {
		token, want string
		flags       []string
		code        int
	}{
		{"sesame", `{"users":1}`, []string{"--once", "--json"}, 0},
		{"sesame", "{\"users\":1}\n{\"users\":2}", []string{"--json"}, exitFailed}, // this node ends its stream
		{"wrong", "", []string{"--json"}, exitSettings},
	} {
		out, complaints, code := said(t, map[string]string{"ADMIN_TOKEN": tt.token}, append([]string{"top", "--admin-addr", addr}, tt.flags...)...)
		if out != tt.want || code != tt.code {
			t.Errorf("%+v: code %d, %q, %s", tt, code, out, complaints)
		}
	}
	for _, flags := range [][]string{{"top"}, {"top", "--once"}} {
		out, complaints, code := said(t, map[string]string{"ADMIN_TOKEN": "sesame"}, append(flags, "--admin-addr", addr)...)
		if code != 0 || strings.Count(out, "if everybody came back now") != 1 || !strings.Contains(out, "alice") {
			t.Errorf("%q: code %d, %q, %s", flags, code, out, complaints)
		}
	}
}
