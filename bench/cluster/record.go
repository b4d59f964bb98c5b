package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"momentum/bench/figures"
	"momentum/bench/nodes"
)

// results holds the records: one file for each run, named by the time at which it began.
const results = "bench/results/cluster"

// record is the figures of a run.
type record struct {
	Date   time.Time  `json:"date"`
	Commit string     `json:"commit"`
	Host   nodes.Host `json:"host"`
	Rounds int        `json:"rounds"`
	Rows   []*row     `json:"rows"`
}

// row is a figure of each round.
type row struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit,omitempty"`
	Goal   goal      `json:"goal"`
	Median float64   `json:"median"`
	Values []float64 `json:"values"`
}

// goal is a limit of a figure.
type goal struct {
	AtMost  float64 `json:"at_most,omitempty"`
	AtLeast float64 `json:"at_least,omitempty"`
}

var none goal

func atMost(v float64) goal  { return goal{AtMost: v} }
func atLeast(v float64) goal { return goal{AtLeast: v} }

// met reports whether a figure reaches the goal.
func (g goal) met(v float64) bool {
	return (g.AtMost == 0 || v <= g.AtMost) && (g.AtLeast == 0 || v >= g.AtLeast)
}

func newRecord(s *size) *record {
	return &record{Date: time.Now().UTC().Truncate(time.Second), Commit: figures.Commit(), Host: nodes.ThisHost(), Rounds: s.rounds}
}

// add adds the figure of a round.
func (r *record) add(name, unit string, g goal, v float64) {
	at := slices.IndexFunc(r.Rows, func(one *row) bool { return one.Name == name })
	if at < 0 {
		at = len(r.Rows)
		r.Rows = append(r.Rows, &row{Name: name, Unit: unit, Goal: g})
	}
	one := r.Rows[at]
	one.Values = append(one.Values, v)
	one.Median = figures.Median(one.Values)
}

// table shows the medians beside the goals, and the lowest and the highest figure.
func (r *record) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| median of %d rounds | goal | | lowest, highest |\n| --- | ---: | ---: | ---: |\n", r.Rounds)
	for _, one := range r.Rows {
		wanted, verdict := "", ""
		switch {
		case one.Goal.AtMost > 0:
			wanted = "≤ " + figure(one.Goal.AtMost, one.Unit)
		case one.Goal.AtLeast > 0:
			wanted = "≥ " + figure(one.Goal.AtLeast, one.Unit)
		}
		if !one.Goal.met(one.Median) {
			verdict = ", missed"
		}
		fmt.Fprintf(&b, "| %s | %s | %s%s | %s, %s |\n", one.Name, wanted, figure(one.Median, one.Unit), verdict,
			figure(slices.Min(one.Values), ""), figure(slices.Max(one.Values), ""))
	}
	return b.String()
}

// figure shows a number with three digits that count.
func figure(v float64, unit string) string {
	digits := 0
	if v != 0 {
		digits = max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", min(digits, 3), v, unit))
}

func (r *record) save() error { return figures.Save(results, figures.File(r.Date), r) }

// ratio returns the median of the ratios of values that were measured by turns.
func ratio(a, b []float64) float64 {
	var all []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			all = append(all, a[i]/b[i])
		}
	}
	return figures.Median(all)
}
