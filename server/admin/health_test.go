package admin

import (
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
)

// probed returns the answer to a probe.
func probed(t *testing.T, path string, o Options) (int, health) {
	t.Helper()
	s, _ := newNode(t)
	o.Log = slog.New(slog.DiscardHandler)
	status, body, _ := (call{path: path, peer: "192.0.2.7:5"}).on(t, NewHandler(s, o))
	var answer health
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return status, answer
}

func TestProbesNameTheirParts(t *testing.T) {
	if status, answer := probed(t, "/livez", Options{}); status != 200 || answer.Status != "ok" || answer.Parts["reactors"] != "ok" {
		t.Errorf("/livez: %d %+v", status, answer)
	}
	checks := []Check{
		{"directory", func() error { return errors.New("it does not answer") }},
		{"memory", func() error { return nil }},
	}
	status, answer := probed(t, "/readyz", Options{Checks: checks})
	if status != 503 || answer.Status != "directory" || answer.Parts["directory"] != "it does not answer" || answer.Parts["memory"] != "ok" {
		t.Errorf("/readyz with a failing directory: %d %+v", status, answer)
	}
	for _, part := range []string{"draining", "reactors", "seats", "descriptors"} {
		if answer.Parts[part] != "ok" {
			t.Errorf("%s is %q", part, answer.Parts[part])
		}
	}
	if status, answer := probed(t, "/livez", Options{Checks: checks}); status != 200 {
		t.Errorf("a failing directory ends the node: %d %+v", status, answer)
	}
}

func TestDrainingNodeIsAliveAndNotReady(t *testing.T) {
	s, _ := newNode(t)
	h := handlerOf(s, "")
	for range 2 { // the second call finds it under way, or over
		status, body, _ := (call{method: "POST", path: "/ws/drain", body: "{}"}).on(t, h)
		var answer struct {
			Sessions  *int
			Remaining *int
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 || answer.Remaining == nil || *answer.Sessions != 0 {
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
		var answer struct {
			Status string
			Drain  *struct{ Over bool }
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err)
		}
		if path == "/readyz" && answer.Status != "draining" {
			t.Errorf("/readyz says %s", body)
		}
		if path == "/ws/stats" && (answer.Drain == nil || !answer.Drain.Over) {
			t.Errorf("/ws/stats does not say that the drain is over: %s", body)
		}
	}
}

// TestProbesOnReactorsAnswerAsTheSidecarDoes also counts how often many probes run the checks.
func TestProbesOnReactorsAnswerAsTheSidecarDoes(t *testing.T) {
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
			t.Errorf("%q is answered as a probe: %d %q", path, status, body)
		}
	}
	made = 0
	started := s.Now()
	for range 10_000 {
		h.Probe([]byte("/readyz"))
	}
	if most := 1 + int(s.Now().Sub(started)/probeLife); made > most {
		t.Errorf("the checks ran %d times for 10,000 probes, want at most %d", made, most)
	}
}

func TestADrainedNodeComesBack(t *testing.T) {
	s, _ := newNode(t)
	h := handlerOf(s, "")
	call{method: "DELETE", path: "/ws/drain"}.expect(t, h, "not_draining")
	call{method: "POST", path: "/ws/drain", body: "{}"}.expect(t, h, "")
	call{method: "DELETE", path: "/ws/drain"}.expect(t, h, "")
	if status, body, _ := (call{path: "/readyz"}).on(t, h); status != 200 {
		t.Errorf("after it /readyz is %d %s", status, body)
	}
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	call{method: "DELETE", path: "/ws/drain"}.expect(t, h, "stopping")
}
