package adminapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAStreamIsReadEventByEvent(t *testing.T) {
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sesame" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, "event: caller\ndata: {}\n\nevent: view\ndata: 1\n\nevent: view\ndata: 2\n\n")
	}))
	defer node.Close()
	addr := strings.TrimPrefix(node.URL, "http://")
	for _, tt := range []struct{ token, last, got, want string }{
		{"sesame", "1", "caller {} view 1 ", ""},
		{"sesame", "never", "caller {} view 1 view 2 ", "ended the stream"},
		{"", "1", "", "403"},
	} {
		got := ""
		err := New(addr, tt.token).Stream(t.Context(), "/", func(name string, data []byte) bool {
			got += name + " " + string(data) + " "
			return string(data) != tt.last
		})
		if got != tt.got || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %q, %v", tt, got, err)
		}
	}
}
