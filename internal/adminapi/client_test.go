package adminapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAnswersAndRefusalsOfANode(t *testing.T) {
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer sesame":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"success":false,"error":"unauthorized","message":"send a token"}`)
		case r.URL.Path == "/html":
			_, _ = io.WriteString(w, "<html>")
		case r.URL.Path == "/away":
			w.WriteHeader(http.StatusBadGateway)
		default:
			_, _ = io.WriteString(w, `{"method":"`+r.Method+`"}`)
		}
	}))
	defer node.Close()
	addr := strings.TrimPrefix(node.URL, "http://")
	for _, tt := range []struct {
		token, path, want string
		denied            bool
	}{
		{"sesame", "/", "", false},
		{"", "/", "401 unauthorized: send a token", true},
		{"sesame", "/html", "is no node of momentum", false},
		{"sesame", "/away", "502 unknown", false},
	} {
		var answer struct{ Method string }
		err := New(addr, tt.token).Call(t.Context(), "DELETE", tt.path, &answer)
		if tt.want == "" && (err != nil || answer.Method != "DELETE") {
			t.Errorf("%+v: %v, %+v", tt, err, answer)
		}
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) || IsDenied(err) != tt.denied || IsRefused(err, "unauthorized") != tt.denied {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	node.Close()
	if err := New(addr, "").Call(t.Context(), "GET", "/", nil); err == nil || !strings.Contains(err.Error(), "no node answers on http://"+addr) {
		t.Errorf("of a node that is gone: %v", err)
	}
}

func TestListenersOnAllAddressesAreReachedOnLoopback(t *testing.T) {
	for addr, want := range map[string]string{
		"0.0.0.0:8001": "127.0.0.1:8001", ":8001": "127.0.0.1:8001", "[::]:8001": "[::1]:8001", "10.0.0.1:8001": "10.0.0.1:8001", "x": "x",
	} {
		if got := Reachable(addr); got != want {
			t.Errorf("%s is reached on %s, want %s", addr, got, want)
		}
	}
}
