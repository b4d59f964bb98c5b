package report

import (
	"strings"
	"testing"
	"time"

	"momentum/bench/load"
)

func TestThePageShowsErrors(t *testing.T) {
	page := pageOf(t, measured(load.Storm))
	for _, want := range []string{"too &lt;busy&gt;", "3 messages were lost", "503 full", "REGRESSED", "12.3 ms, FAILED", `class="badge failed"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestThePageShowsErrorsOfEveryRun(t *testing.T) {
	r := measured(load.Storm)
	r.Groups[0].Runs[0].Problems = []string{"3 messages were lost"}
	r.Add(&load.Result{Test: load.Storm})
	r.Incomplete = "the server went away"
	for _, want := range []string{"run 1: 3 messages were lost", "run 1: handshakes: too &lt;busy&gt;", "run 1: refused", "the server went away"} {
		if !strings.Contains(pageOf(t, r), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestAnInterruptedRunWithoutFiguresHasAPage(t *testing.T) {
	r := load.NewRecord(&load.Plan{Test: load.Storm}, 1, time.Unix(0, 0))
	r.Add(&load.Result{Test: load.Storm, Interrupted: true})
	if page := pageOf(t, r); !strings.Contains(page, "interrupted") || strings.Contains(page, "<svg") {
		t.Error("the page of an interrupted run without figures is wrong")
	}
}
