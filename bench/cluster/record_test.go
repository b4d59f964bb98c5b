package main

import (
	"strings"
	"testing"
)

func TestTheTableHasTheMedianAndTheGoal(t *testing.T) {
	r := newRecord(&size{rounds: 3})
	for _, v := range []float64{3, 1, 2} {
		r.add("time", "ms", atMost(1.5), v)
		r.add("rate", "/s", atLeast(1.5), 1000*v)
		r.add("cpu", "µs", none, 0)
	}
	for _, want := range []string{"| time | ≤ 1.50 ms | 2.00 ms, missed | 1.00, 3.00 |", "| rate | ≥ 1.50 /s | 2000 /s | 1000, 3000 |", "| cpu |  | 0 µs | 0, 0 |"} {
		if !strings.Contains(r.table(), want) {
			t.Errorf("no %q in\n%s", want, r.table())
		}
	}
}

func TestARatioIsTheMedianOverRounds(t *testing.T) {
	if got := ratio([]float64{2, 6, 8, 1}, []float64{1, 2, 2, 0}); got != 3 {
		t.Errorf("the ratio is %v", got)
	}
}

func TestARecordIsSaved(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := newRecord(&size{}).save(); err != nil {
		t.Error(err)
	}
}
