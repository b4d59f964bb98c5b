package main

import (
	"slices"
	"strings"
	"testing"
)

// rounds is a record of three rounds; in the second, the machine was three times as slow.
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

func TestFailedRoundsAreReportedAndNotCounted(t *testing.T) {
	r := rounds()
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Server == "bun" && m.Round < 3 {
			m.Failed = "a message was lost"
		}
	}
	if got := r.summarize("bun", "a job", cpu).String(); got != "8.00 (1.60 / 1.00)" {
		t.Errorf("got %s from the one round that went well", got)
	}
	if got := r.summarize(ours, "a job", cpu).String(); got != "6.00 (1.20 / 0.50)" {
		t.Errorf("got %s, want the best of those that did not fail to be what counts", got)
	}
	shown := (&result{r.Jobs[0], r}).table()
	if !strings.Contains(shown, "bun failed in a round or more: a message was lost.") {
		t.Errorf("no word of the failure in\n%s", shown)
	}
}

func TestOtherWorkIsReported(t *testing.T) {
	r := rounds()
	for i := range r.Measurements {
		r.Measurements[i].Others = 42
		if m := &r.Measurements[i]; m.Server == "bun" && m.Round == 2 {
			m.Others = 93
		}
	}
	if shown := (&result{r.Jobs[0], r}).table(); !strings.Contains(shown, "Other work used 42 % of the server's core (median), and at most 93 %, for bun in round 2.") {
		t.Errorf("the other work is not in\n%s", shown)
	}
}

// measured is a record of three rounds in which all servers completed all of their jobs.
func measured(commit string, jobs ...job) record {
	r := record{Commit: commit, Rounds: minRounds, Jobs: jobs}
	for round := range r.Rounds {
		for _, j := range jobs {
			for _, s := range allServers {
				if j.fits(s) {
					r.Measurements = append(r.Measurements, measurement{Round: round + 1, Server: s.name, Job: j.Name})
				}
			}
		}
	}
	return r
}

func TestTheNewestRecordOfEachJobIsShown(t *testing.T) {
	got := latest([]record{measured("first", allJobs[0], allJobs[1]), measured("second", allJobs[1], direct(0))})
	if len(got) != 3 || got[0].from.Commit != "first" || got[1].from.Commit != "second" || got[2].from.Commit != "second" {
		t.Errorf("got %+v", got)
	}
}

// An incomplete record does not replace a table.
func TestIncompleteRecordsAreNotShown(t *testing.T) {
	without := func(server string, round int) func(*record) {
		return func(r *record) {
			r.Measurements = slices.DeleteFunc(r.Measurements, func(m measurement) bool { return m.Server == server && m.Round >= round })
		}
	}
	for name, c := range map[string]struct {
		spoil func(*record)
		job   job
		shown bool
	}{
		"whole":                   {func(*record) {}, echo(100, 32), true},
		"without us":              {without(ours, 1), echo(100, 32), false},
		"without the floor":       {without(floor, 1), echo(100, 32), false},
		"without a rival":         {without("bun", 1), echo(100, 32), true},
		"without the product":     {without(product, 1), storm(maxConnections), true},
		"the product's own":       {without(ours, 1), direct(0), true},
		"its own, without it":     {without(product, 1), direct(0), false},
		"stopped in the last":     {without(ours, minRounds), echo(100, 32), false},
		"of fewer rounds":         {func(r *record) { r.Rounds = minRounds - 1 }, echo(100, 32), false},
		"with a round of failure": {func(r *record) { r.Measurements[0].Failed = "it ended" }, echo(100, 32), false},
		"of us and few rivals": {func(r *record) {
			r.Measurements = slices.DeleteFunc(r.Measurements, func(m measurement) bool {
				return isRival(m.Server) && m.Server != "bun" && m.Server != "gws"
			})
		}, echo(100, 32), false},
	} {
		r := measured("new", c.job)
		c.spoil(&r)
		if shown := latest([]record{measured("old", c.job), r})[0].from.Commit == "new"; shown != c.shown {
			t.Errorf("%s: shown %v", name, shown)
		}
	}
}

func TestFailuresAreAnError(t *testing.T) {
	r := measured("", allJobs[0])
	if err := r.failures(); err != nil {
		t.Error(err)
	}
	r.Measurements[0].Failed = "it ended"
	if err := r.failures(); err == nil || !strings.Contains(err.Error(), " measurements failed, of "+ours) {
		t.Error(err)
	}
}

func TestUnknownJobsAndServersAreErrors(t *testing.T) {
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

func TestEveryServerCanBeChosen(t *testing.T) {
	for _, s := range allServers {
		for _, given := range []string{s.name + ";", s.name + ";" + ours} {
			if got := list(given); got[0] != s.name {
				t.Errorf("%q is %q", given, got)
			}
		}
	}
	if got := list("gws,bun"); len(got) != 2 || got[1] != "bun" {
		t.Errorf("%q", got)
	}
}

func TestMoreConnectionsThanFilesAreRefused(t *testing.T) {
	p := plan{jobs: []job{echo(1, 1), storm(1 << 30)}}
	if err := p.checkFiles(); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Error(err)
	}
}

func TestPlotNamesAreDistinctFileNames(t *testing.T) {
	seen := make(map[string]bool)
	for _, j := range allJobs {
		name := j.plotName()
		if seen[name] || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
			t.Errorf("%q for %q", name, j.Name)
		}
		seen[name] = true
	}
}
