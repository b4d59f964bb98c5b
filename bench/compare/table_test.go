package main

import (
	"slices"
	"strings"
	"testing"
)

func TestOtherWorkIsShown(t *testing.T) {
	r := rounds()
	for i := range r.Measurements {
		r.Measurements[i].Others = 42
		if m := &r.Measurements[i]; m.Server == "bun" && m.Round == 2 {
			m.Others = 93
		}
	}
	if shown := (&result{r.Jobs[0], r}).table(); !strings.Contains(shown, "Other work used 42 % of the server's core (median), and at most 93 %, for bun in round 2.") {
		t.Errorf("the sentence is missing in\n%s", shown)
	}
}

func TestNumbersHaveThreeDigits(t *testing.T) {
	for want, v := range map[string]float64{"0.12": 0.123, "9.99": 9.994, "12.3": 12.34, "123": 123.4, "1,235": 1234.6, "12,345,678": 12345678} {
		if got := short(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
}

func TestATableHasARowForEachMeasuredServer(t *testing.T) {
	r := rounds()
	r.Versions["nbio"] = "1" // measured, and without a figure
	table := (&result{r.Jobs[0], r}).table()
	for _, row := range []string{"| server | CPU µs a message |", "| momentum | 6.00 (1.20 / 0.75) |", "| nbio | – |"} {
		if !strings.Contains(table, row) {
			t.Errorf("no %q in\n%s", row, table)
		}
	}
	r.Versions[product] = "1"
	if table += (&result{r.Jobs[0], r}).table(); strings.Contains(table, "| coder |") || strings.Contains(table, "| "+product+" |") {
		t.Error("a server that was not measured, or cannot echo, has a row")
	}
	text := runs([]result{{r.Jobs[0], r}, {r.Jobs[0], r}})
	if strings.Count(text, "- [") != 1 || !strings.Contains(text, "  - nbio: 1\n") {
		t.Errorf("the runs:\n%s", text)
	}
}

func TestAJobIsShownRelativeToTheOneThatItIsComparedWith(t *testing.T) {
	r := rounds()
	twice := job{Name: "twice", Kind: kindEcho, Against: r.Jobs[0].Name}
	for _, m := range slices.Clone(r.Measurements) {
		if m.Server == ours {
			m.Job, m.CPUMicros = twice.Name, 2*m.CPUMicros
			r.Measurements = append(r.Measurements, m)
		}
	}
	if shown := (&result{twice, r}).table(); !strings.Contains(shown, "CPU relative to “a job”, in the same round: momentum 2.00.\n") {
		t.Errorf("the sentence is missing in\n%s", shown)
	}
}
