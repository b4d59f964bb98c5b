package storm

import (
	"testing"
	"time"
)

func TestReportSaysWhenAStormIsOver(t *testing.T) {
	s := calm(t, 10_000)
	s.step(0, 0, 9000)
	s.now.Returned += 900
	s.step(1000, 3000, 0)
	r := s.Report(0, 2)
	if r.State != Storm || r.Seconds != 0 || r.Arrivals != 4000 || r.Admissions != 1000 || r.Refusals["busy"] != 3000 || len(r.Refusals) != 1 {
		t.Errorf("%+v", r)
	}
	if *r.Returning != 0.9 || r.Missing != 8000 || *r.Over != 8 {
		t.Errorf("%v return, %d are missing, over in %v s", *r.Returning, r.Missing, *r.Over)
	}
	if r = s.Report(2000, 2); *r.Over != 4 {
		t.Errorf("at 2,000 a second it is over in %v s", *r.Over)
	}
	s.step(0, 0, 0)
	if r = s.Report(0, 2); r.Over != nil || r.Returning != nil {
		t.Errorf("while nobody is admitted it is over in %v s", *r.Over)
	}
}

func TestEverybodyIsBackAsFastAsTheRateAndTheCoresAllow(t *testing.T) {
	for _, tt := range []struct {
		clients, rate, cores int
		want                 float64
	}{
		{0, 0, 2, 0},
		{100_000, 0, 2, 1},
		{100_000, 0, 0, 2},
		{100_000, 10_000, 2, 10},
		{100_000, 1_000_000, 2, 1},
	} {
		if got := Duration(tt.clients, tt.rate, tt.cores, 20*time.Microsecond); got != tt.want {
			t.Errorf("%+v: %v s", tt, got)
		}
	}
}

func TestANodeWithoutSamplesIsCalm(t *testing.T) {
	var w Watch
	if r := w.Report(0, 1); r.State != Calm || *r.Over != 0 || r.Missing != 0 {
		t.Errorf("%+v", r)
	}
}
