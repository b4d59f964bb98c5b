package admin

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestProfilesAreBounded(t *testing.T) {
	h := newSidecar(t, "")
	for path, want := range map[string]int{
		"/debug/pprof/":                     200,
		"/debug/pprof/heap":                 200,
		"/debug/pprof/goroutine?debug=1":    200,
		"/debug/pprof/symbol":               200,
		"/debug/pprof/cmdline":              404, // flags may hold secrets
		"/debug/pprof/nothing":              404,
		"/debug/pprof/profile?seconds=61":   400,
		"/debug/pprof/heap?seconds=1e9":     400,
		"/debug/pprof/trace?seconds=NaN":    400,
		"/debug/pprof/profile?seconds=-1":   400,
		"/debug/pprof/profile?seconds=soon": 400,
	} {
		if status, body, _ := (call{path: path}).on(t, h); status != want {
			t.Errorf("%s: %d %.100s", path, status, body)
		}
	}
}

// TestProfileOutlivesTheTimeouts takes a profile for longer than the sidecar gives other requests.
func TestProfileOutlivesTheTimeouts(t *testing.T) {
	s, _ := newNode(t)
	sidecar := NewHTTPServer(handlerOf(s, ""), slog.New(slog.DiscardHandler), time.Now)
	sidecar.ReadTimeout, sidecar.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = sidecar.Serve(l) }()
	t.Cleanup(func() { sidecar.Close() })
	begun := time.Now()
	answer, err := http.Get("http://" + l.Addr().String() + "/debug/pprof/trace?seconds=1.5")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || len(body) == 0 {
		t.Fatalf("%s, %d bytes, %v", answer.Status, len(body), err)
	}
	if took := time.Since(begun); took < 1500*time.Millisecond {
		t.Errorf("1.5 s of trace were over within %v", took)
	}
}

func TestConsistencyFindsNoFaultAtRest(t *testing.T) {
	h := newSidecar(t, "")
	status, body, _ := (call{path: "/debug/consistency"}).on(t, h)
	if status != 200 || strings.TrimSpace(body) != `{"consistent":true,"faults":[]}` {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := (call{method: "POST", path: "/debug/consistency"}).on(t, h); status != 405 {
		t.Errorf("POST: %d", status)
	}
}
