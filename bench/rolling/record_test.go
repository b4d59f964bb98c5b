package rolling

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"momentum/bench/jitter"
)

// measured is the record of two restarts in ten seconds.
func measured(how string) *Record {
	r := New(how)
	r.Date = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r.Commit = "<commit>"
	r.Nodes, r.Clients, r.Directs, r.Broadcasts, r.AwayLimit, r.LeastMet = 2, 300, 900, 30, 5, 5940
	r.Figures = jitter.Figures{Sent: 9900, Delivered: 9900, Resumed: 300, Closed: 300, Away: 1234 * time.Millisecond}
	r.Restarts = []Restart{{Node: 1, Signal: 2.25, Gone: 3.25, Ready: 3.5}, {Node: 2, Signal: 6.5, Gone: 6.75, Ready: 7}}
	for i, open := range []int{300, 300, 250, 280, 300, 300, 150, 299, 300, 300} {
		slowest := time.Duration(300-open) * 10 * time.Millisecond
		r.Watch(jitter.Pulse{At: time.Duration(i+1) * time.Second, Open: open, Delivered: 990, Slowest: slowest})
	}
	return r
}

func TestEachSecondIsOfTheRestartBeforeIt(t *testing.T) {
	r := measured(Drain)
	for i, want := range []struct {
		open    int
		slowest float64
	}{{250, 500}, {150, 1500}} {
		if open, slowest := r.Since(i); open != want.open || slowest != want.slowest {
			t.Errorf("restart %d: %d connections, %v ms, want %v", i, open, slowest, want)
		}
	}
}

func TestRestartsInOneSecondShareIt(t *testing.T) {
	r := measured(Drain)
	r.Restarts[0].Signal = 6.25
	for i := range r.Restarts {
		if open, slowest := r.Since(i); open != 150 || slowest != 1500 {
			t.Errorf("restart %d: %d connections, %v ms", i, open, slowest)
		}
	}
}

func TestARunFailsIfAnythingIsWrong(t *testing.T) {
	if faults := measured(Drain).Faults(); len(faults) > 0 {
		t.Errorf("a run without faults has %q", faults)
	}
	for want, spoil := range map[string]func(*Record){
		"9899 of 9900 messages were delivered":                                              func(r *Record) { r.Figures.Delivered-- },
		"1 messages were delivered twice":                                                   func(r *Record) { r.Figures.Twice++ },
		"1 messages were out of order":                                                      func(r *Record) { r.Figures.Unordered++ },
		"the clients were told of 1 gaps":                                                   func(r *Record) { r.Figures.Gaps++ },
		"1 clients are locked out in the end":                                               func(r *Record) { r.Figures.Apart++ },
		"a client was away for 5.1 s, which may be 5":                                       func(r *Record) { r.Figures.Away = 5100 * time.Millisecond },
		"1 of 2 nodes were replaced":                                                        func(r *Record) { r.Restarts = r.Restarts[1:] },
		"299 connections of 300 clients ended":                                              func(r *Record) { r.Figures.Closed-- },
		"all 300 clients were connected while node 2 was replaced":                          func(r *Record) { r.Seconds[6].Open, r.Seconds[7].Open = 300, 300 },
		"5939 messages were delivered before all nodes were replaced, which should be 5940": func(r *Record) { r.Seconds[0].Delivered-- },
	} {
		r := measured(Drain)
		if spoil(r); !slices.Equal(r.Faults(), []string{want}) {
			t.Errorf("%q, want %q", r.Faults(), want)
		}
	}
}

func TestARecordIsSavedBesideItsPage(t *testing.T) {
	r, directory := measured(Kill), t.TempDir()+"/rolling"
	page, err := r.Save(directory)
	if want := directory + "/2026-01-02T030405Z-kill.html"; err != nil || page != want {
		t.Fatalf("%s, %v, want %s", page, err, want)
	}
	text, err := os.ReadFile(directory + "/2026-01-02T030405Z-kill.json")
	if err != nil {
		t.Fatal(err)
	}
	var saved Record
	if err := json.Unmarshal(text, &saved); err != nil || !reflect.DeepEqual(&saved, r) {
		t.Errorf("%+v, %v, want %+v", saved, err, r)
	}
	if _, err := os.Stat(page); err != nil {
		t.Error(err)
	}
}
