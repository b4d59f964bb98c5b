package admin

import (
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
)

// probed reads what a probe is told.
func probed(t *testing.T, path string, o Options) (int, health) {
	t.Helper()
	s, _ := newNode(t)
	o.Log = slog.New(slog.DiscardHandler)
	status, body, _ := (call{path: path, peer: "192.0.2.7:5"}).on(t, NewHandler(s, o))
	var told health
	if err := json.Unmarshal([]byte(body), &told); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return status, told
}

func TestProbesNameTheirParts(t *testing.T) {
	if status, told := probed(t, "/livez", Options{}); status != 200 || told.Status != "ok" || told.Parts["reactors"] != "ok" {
		t.Errorf("/livez: %d %+v", status, told)
	}
	checks := []Check{
		{"directory", func() error { return errors.New("it does not answer") }},
		{"memory", func() error { return nil }},
	}
	status, told := probed(t, "/readyz", Options{Checks: checks})
	if status != 503 || told.Status != "directory" || told.Parts["directory"] != "it does not answer" || told.Parts["memory"] != "ok" {
		t.Errorf("/readyz with an ailing directory: %d %+v", status, told)
	}
	for _, part := range []string{"draining", "reactors", "seats", "descriptors"} {
		if told.Parts[part] != "ok" {
			t.Errorf("%s is %q", part, told.Parts[part])
		}
	}
	if status, told := probed(t, "/livez", Options{Checks: checks}); status != 200 {
		t.Errorf("a directory that does not answer is no reason to end a node: %d %+v", status, told)
	}
}

func TestDrainingNodeIsAliveAndNotReady(t *testing.T) {
	s, _ := newNode(t)
	h := handlerOf(s, "")
	for range 2 { // the second call finds it under way, or over
		status, body, _ := (call{method: "POST", path: "/ws/drain", body: "{}"}).on(t, h)
		var told struct {
			Sessions  *int
			Remaining *int
		}
		if err := json.Unmarshal([]byte(body), &told); err != nil || status != 200 || told.Remaining == nil || *told.Sessions != 0 {
			t.Errorf("POST /ws/drain: %d %s", status, body)
		}
	}
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/livez": 200, "/readyz": 503, "/ws/stats": 200} {
		status, body, _ := (call{path: path}).on(t, h)
		if status != want {
			t.Errorf("%s of a drained node: %d %s", path, status, body)
		}
		var told struct {
			Status string
			Drain  *struct{ Over bool }
		}
		if err := json.Unmarshal([]byte(body), &told); err != nil {
			t.Fatal(err)
		}
		if path == "/readyz" && told.Status != "draining" {
			t.Errorf("/readyz says %s", body)
		}
		if path == "/ws/stats" && (told.Drain == nil || !told.Drain.Over) {
			t.Errorf("/ws/stats does not say that the drain is over: %s", body)
		}
	}
}

// TestProbesOfTheReactorsAreTheSidecars compares the two answers, and counts how often the checks are made for many probes.
func TestProbesOfTheReactorsAreTheSidecars(t *testing.T) {
	s, _ := newNode(t)
	made := 0
	check := Check{"memory", func() error { made++; return errors.New("short") }}
	h := NewHandler(s, Options{Log: slog.New(slog.DiscardHandler), Checks: []Check{check}})
	for path, want := range map[string]int{"/livez": 200, "/readyz": 503} {
		status, body := h.Probe([]byte(path))
		served, text, _ := (call{path: path}).on(t, h)
		if status != want || status != served || string(body) != text {
			t.Errorf("%s: %d %q on a reactor, %d %q in the sidecar", path, status, body, served, text)
		}
	}
	for _, path := range []string{"/", "/ws/stats", "/readyz/", ""} {
		if status, body := h.Probe([]byte(path)); status != 0 || body != nil {
			t.Errorf("%q is taken for a probe: %d %q", path, status, body)
		}
	}
	made = 0
	started := s.Now()
	for range 10_000 {
		h.Probe([]byte("/readyz"))
	}
	if most := 1 + int(s.Now().Sub(started)/probeLife); made > most {
		t.Errorf("the checks were made %d times for 10,000 probes, want at most %d", made, most)
	}
}
