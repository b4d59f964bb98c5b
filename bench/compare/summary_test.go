package main

import (
	"strings"
	"testing"
)

// rounds is a record of three rounds. In the second one, the machine was three times as slow.
func rounds() *record {
	const name = "a job"
	r := &record{Rounds: 3, Jobs: []job{{Name: name, Kind: kindEcho}}, Versions: map[string]string{}}
	for i, slow := range []float64{1, 3, 1} {
		for server, cpu := range map[string]float64{ours: 6, floor: 5, "bun": 8, "gws": 12} {
			r.Versions[server] = "1"
			r.Measurements = append(r.Measurements, measurement{
				Round: i + 1, Server: server, Job: name, CPUMicros: cpu * slow, PerSecond: 1e6 / cpu / slow,
			})
		}
	}
	return r
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	for _, test := range []struct {
		server string
		metric metric
		want   string
	}{
		{ours, cpu, "6.00 (1.20 / 0.75)"},
		{"bun", cpu, "8.00 (1.60 / 1.00)"},
		{ours, throughput, "166,667 (0.83 / 1.33)"},
		{"gws", throughput, "83,333 (0.42 / 0.67)"},
		{"nbio", cpu, "–"},
	} {
		if got := rounds().summarize(test.server, "a job", test.metric).String(); got != test.want {
			t.Errorf("%s, %s: got %s, want %s", test.server, test.metric.title, got, test.want)
		}
	}
}

func TestFailedRoundsAreShownAndNotCounted(t *testing.T) {
	r := rounds()
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Server == "bun" && m.Round < 3 {
			m.Failed = "a message was lost"
		}
	}
	if got := r.summarize("bun", "a job", cpu).String(); got != "8.00 (1.60 / 1.00)" {
		t.Errorf("got %s from the one round without an error", got)
	}
	if got := r.summarize(ours, "a job", cpu).String(); got != "6.00 (1.20 / 0.50)" {
		t.Errorf("got %s, want the ratio to the best server that did not fail", got)
	}
	shown := (&result{r.Jobs[0], r}).table()
	if !strings.Contains(shown, "bun failed in a round or more: a message was lost.") {
		t.Errorf("the failure is missing in\n%s", shown)
	}
}
