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

const results = "bench/results/beside"

// record is the figures of a run.
type record struct {
	Date     time.Time         `json:"date"`
	Commit   string            `json:"commit"`
	Host     nodes.Host        `json:"host"`
	Versions map[string]string `json:"versions"`
	Rounds   int               `json:"rounds"`
	Rows     []*row            `json:"rows"`
}

// row is a figure of each server in each round, or a text.
type row struct {
	Name   string               `json:"name"`
	Unit   string               `json:"unit,omitempty"`
	Values map[string][]float64 `json:"values,omitempty"`
	Notes  map[string]string    `json:"notes,omitempty"`
}

func newRecord(s *size) *record {
	return &record{
		Date: time.Now().UTC().Truncate(time.Second), Commit: figures.Commit(), Host: nodes.ThisHost(), Rounds: s.rounds, Versions: versions(s),
	}
}

func (r *record) row(name, unit string) *row {
	at := slices.IndexFunc(r.Rows, func(one *row) bool { return one.Name == name })
	if at < 0 {
		at = len(r.Rows)
		r.Rows = append(r.Rows, &row{Name: name, Unit: unit, Values: make(map[string][]float64), Notes: make(map[string]string)})
	}
	return r.Rows[at]
}

// add adds the figure of a round.
func (r *record) add(name, unit string, one *server, v float64) {
	to := r.row(name, unit).Values
	to[one.name] = append(to[one.name], v)
}

// note adds a text.
func (r *record) note(name string, one *server, text string) { r.row(name, "").Notes[one.name] = text }

// share adds the processor time of one of some clients, or a text if there are none.
func (r *record) share(name string, one *server, used time.Duration, among int) {
	if among == 0 {
		r.note(name, one, fmt.Sprintf("none, but %.1f s of CPU", used.Seconds()))
		return
	}
	r.add(name, "µs", one, micros(used, int64(among)))
}

// table shows the medians of the servers beside each other, with the lowest and the highest figure where there are several.
func (r *record) table() string {
	var b strings.Builder
	b.WriteString("| |")
	for _, one := range servers {
		fmt.Fprintf(&b, " %s |", one.name)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(servers)) + "\n")
	for _, one := range r.Rows {
		fmt.Fprintf(&b, "| %s |", one.Name)
		for _, s := range servers {
			fmt.Fprintf(&b, " %s |", one.cell(s.name))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (r *row) cell(server string) string {
	values := r.Values[server]
	switch len(values) {
	case 0:
		return r.Notes[server]
	case 1:
		return figure(values[0], r.Unit)
	}
	return fmt.Sprintf("%s (%s, %s)", figure(figures.Median(values), r.Unit), figure(slices.Min(values), ""), figure(slices.Max(values), ""))
}

// figure shows a number with three digits that count.
func figure(v float64, unit string) string {
	digits := 0
	if v != 0 && v != math.Trunc(v) {
		digits = max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", min(digits, 3), v, unit))
}

func (r *record) save() error { return figures.Save(results, figures.File(r.Date), r) }
