package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestTheNewestRecordOfEachJobIsShown(t *testing.T) {
	got := latest([]record{measured("first", allJobs[0], allJobs[1]), measured("second", allJobs[1], direct(0))})
	if len(got) != 3 || got[0].from.Commit != "first" || got[1].from.Commit != "second" || got[2].from.Commit != "second" {
		t.Errorf("got %+v", got)
	}
}

// measured returns a record of three rounds in which every server did each of its jobs.
func measured(commit string, jobs ...job) record {
	r := record{Commit: commit, Rounds: minRounds, Jobs: jobs}
	for round := range r.Rounds {
		for _, j := range jobs {
			for _, s := range allServers {
				if j.appliesTo(s) {
					r.Measurements = append(r.Measurements, measurement{Round: round + 1, Server: s.name, Job: j.Name})
				}
			}
		}
	}
	return r
}

// TestAnIncompleteRecordIsNotShown: a run of one server does not replace a table.
func TestAnIncompleteRecordIsNotShown(t *testing.T) {
	without := func(server string, round int) func(*record) {
		return func(r *record) {
			r.Measurements = slices.DeleteFunc(r.Measurements, func(m measurement) bool { return m.Server == server && m.Round >= round })
		}
	}
	for name, c := range map[string]struct {
		change func(*record)
		job    job
		shown  bool
	}{
		"complete":                   {func(*record) {}, echo(100, 32), true},
		"without our server":         {without(ours, 1), echo(100, 32), false},
		"without the floor":          {without(floor, 1), echo(100, 32), false},
		"without a rival":            {without("bun", 1), echo(100, 32), true},
		"without the product":        {without(product, 1), storm(maxConnections), true},
		"a job of the product alone": {without(ours, 1), direct(0), true},
		"such a job without it":      {without(product, 1), direct(0), false},
		"stopped in the last round":  {without(ours, minRounds), echo(100, 32), false},
		"of fewer rounds":            {func(r *record) { r.Rounds = minRounds - 1 }, echo(100, 32), false},
		"with a failed round":        {func(r *record) { r.Measurements[0].Failed = "it ended" }, echo(100, 32), false},
		"with few rivals": {func(r *record) {
			r.Measurements = slices.DeleteFunc(r.Measurements, func(m measurement) bool {
				return isRival(m.Server) && m.Server != "bun" && m.Server != "gws"
			})
		}, echo(100, 32), false},
	} {
		r := measured("new", c.job)
		c.change(&r)
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

func TestRecordsAreReadBackInTheirOrder(t *testing.T) {
	t.Chdir(t.TempDir())
	second := measured("second", echo(100, 32))
	second.Date = second.Date.AddDate(2000, 0, 1)
	first := measured("first", echo(100, 32))
	first.Date = first.Date.AddDate(2000, 0, 0)
	for _, r := range []record{second, first} {
		if err := r.save(); err != nil {
			t.Fatal(err)
		}
	}
	all, err := records()
	if err != nil || len(all) != 2 || all[0].Commit != "first" || all[1].Commit != "second" {
		t.Fatalf("%d records, %v", len(all), err)
	}
	if !slices.Equal(all[0].Measurements, first.Measurements) {
		t.Error("the measurements have changed")
	}
	if err := os.WriteFile(resultsDirectory+"/0.json", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := records(); err == nil || !strings.Contains(err.Error(), "0.json is not a record") {
		t.Error(err)
	}
}
