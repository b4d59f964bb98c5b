package main

import (
	"strings"
	"testing"
)

func TestUnknownJobsAndServersAreRefused(t *testing.T) {
	for says, names := range map[string][2][]string{
		`no kind of job called "ehco"`: {{"echo", "ehco"}, nil},
		`no server called "gorila"`:    {nil, {ours, "gorila"}},
	} {
		p := plan{jobs: allJobs, rounds: 1}
		if err := p.choose(names[0], names[1]); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func TestOnlyTheChosenJobsAndServersAreMeasured(t *testing.T) {
	p := plan{jobs: allJobs, rounds: 1}
	err := p.choose([]string{"storm"}, nil)
	if len(p.jobs) != 1 || p.jobs[0].Kind != kindStorm {
		t.Errorf("jobs %v", p.jobs)
	}
	if len(p.servers) == 0 && (err == nil || !strings.Contains(err.Error(), "build the servers first")) {
		t.Errorf("without a server: %v", err)
	}
	if len(allJobs) == 1 {
		t.Error("choosing has changed the list of all jobs")
	}
}

func TestAMeasurementIsShownOnOneLine(t *testing.T) {
	for want, m := range map[string]measurement{
		"failed: it ended":                {Failed: "it ended", Resident: 1},
		"610 B":                           {Resident: 610},
		"1.50 µs CPU, 1000/s, p99 250 µs": {CPUMicros: 1.5, PerSecond: 1000, P99: 250},
	} {
		if got := m.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
