package main

import (
	"strings"
	"testing"
)

func TestFiguresAreComparedWithThoseOfTheOlderBuild(t *testing.T) {
	r := rounds()
	if got := r.sinceBefore(); got != "" {
		t.Errorf("without an older build: %s", got)
	}
	for round, slow := range []float64{1, 3, 1} {
		r.Measurements = append(r.Measurements, measurement{Round: round + 1, Server: ours + before, Job: r.Jobs[0].Name, CPUMicros: 5 * slow})
	}
	if got := r.sinceBefore(); !strings.HasPrefix(got, "1.200 × before: momentum, a job, CPU µs\n") {
		t.Errorf("got %q", got)
	}
}
