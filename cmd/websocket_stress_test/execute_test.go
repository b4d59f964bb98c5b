package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"momentum/bench/load"
)

func TestFailureWinsOverABottleneck(t *testing.T) {
	busy := []load.Bottleneck{{Phase: load.Handshakes, Why: "busy"}}
	lost := []string{"3 messages were lost"}
	held, failed := load.Verdict{Held: true}, load.Verdict{}
	heldLimited, failedLimited := load.Verdict{Held: true, GeneratorLimited: true}, load.Verdict{GeneratorLimited: true}
	for name, c := range map[string]struct {
		invalid    []load.Bottleneck
		problems   []string
		verdicts   []load.Verdict
		comparison []load.Comparison
		interrupt  bool
		want       int
	}{
		"no errors":                       {want: exitOK},
		"a bottleneck, and no condition":  {invalid: busy, want: exitOK},
		"a bottleneck of another phase":   {invalid: busy, verdicts: []load.Verdict{held}, want: exitOK},
		"a bottleneck of a condition":     {invalid: busy, verdicts: []load.Verdict{held, heldLimited}, want: exitInvalid},
		"a bottleneck of a comparison":    {invalid: busy, comparison: []load.Comparison{{GeneratorLimited: true}}, want: exitInvalid},
		"a condition that failed":         {verdicts: []load.Verdict{held, failed}, want: exitFailed},
		"and one that is limited":         {invalid: busy, verdicts: []load.Verdict{heldLimited, failed}, want: exitFailed},
		"a limited condition that failed": {invalid: busy, verdicts: []load.Verdict{failedLimited}, want: exitFailed},
		"a limited regression":            {invalid: busy, comparison: []load.Comparison{{GeneratorLimited: true, Regressed: true}}, want: exitFailed},
		"clients met errors":              {invalid: busy, problems: lost, verdicts: []load.Verdict{heldLimited}, want: exitFailed},
		"an interrupt":                    {invalid: busy, problems: lost, interrupt: true, want: exitInterrupted},
	} {
		r := load.NewRecord(&load.Plan{Test: load.Storm}, 1, time.Unix(0, 0))
		r.Add(&load.Result{Test: load.Storm, Invalid: c.invalid, Problems: c.problems})
		r.Verdicts, r.Comparison = c.verdicts, c.comparison
		ctx, interrupt := context.WithCancel(t.Context())
		if c.interrupt {
			interrupt()
		}
		if got := exitCode(ctx, r); got != c.want {
			t.Errorf("%s: exit code %d, want %d", name, got, c.want)
		}
		interrupt()
	}
}

// A wrong secret and a wrong path are failures, and a small run without errors is not, however busy the generator was
// during its few milliseconds.
func TestTheExitCodeOfSmallRuns(t *testing.T) {
	n := serve(t)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a wrong secret":  {[]string{"--jwt-secret", "not the secret of the server, but as long"}, exitFailed, "401 token_signature"},
		"a wrong path":    {[]string{"--url", n.url + "-nowhere"}, exitFailed, "404"},
		"a missed SLO":    {[]string{"--slo", "handshake_p50<1ns"}, exitFailed, "FAILED"},
		"a small storm":   {nil, exitOK, ""},
		"with conditions": {[]string{"--slo", "handshake_p99<30s; not_entered=0"}, exitOK, "held"},
	} {
		for range 5 {
			var out, err bytes.Buffer
			args := append([]string{"--url", n.url, "--jwt-secret", testSecret, "--connections", "50"}, c.args...)
			if code := run(t.Context(), args, &out, &err); code != c.code || !strings.Contains(out.String(), c.says) {
				t.Errorf("%s: exit code %d, want %d\n%s%s", name, code, c.code, out.String(), err.String())
			}
		}
	}
}
