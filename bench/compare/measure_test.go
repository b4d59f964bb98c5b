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

func TestMoreConnectionsThanFilesAreRefused(t *testing.T) {
	p := plan{jobs: []job{echo(1, 1), storm(1 << 30)}}
	if err := p.checkFiles(); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Error(err)
	}
}
