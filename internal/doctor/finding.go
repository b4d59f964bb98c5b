// Package doctor finds the limits that keep a host from holding many connections, and predicts how many it holds. It changes nothing.
package doctor

import (
	"cmp"
	"fmt"
	"slices"
)

// Level says how bad a finding is.
type Level string

// The levels. With a problem, the next storm goes wrong, or clients are cut off.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Problem Level = "problem"
)

// Finding is one fact about the host, the node or their surroundings.
type Finding struct {
	Subject string   `json:"subject"` // such as descriptors
	Level   Level    `json:"level"`
	Text    string   `json:"text"`
	Change  []string `json:"change,omitempty"` // the exact lines that put it right; the first says where
}

func ok(subject, format string, args ...any) Finding {
	return Finding{Subject: subject, Level: OK, Text: fmt.Sprintf(format, args...)}
}

func warning(subject string, change []string, format string, args ...any) Finding {
	return Finding{subject, Warning, fmt.Sprintf(format, args...), change}
}

func problem(subject string, change []string, format string, args ...any) Finding {
	return Finding{subject, Problem, fmt.Sprintf(format, args...), change}
}

// The places where an operator writes a line.
func inSysctl(lines ...string) []string {
	return append([]string{"/etc/sysctl.d/60-momentum.conf, then sysctl --system:"}, lines...)
}

func inUnit(lines ...string) []string {
	return append([]string{"the unit (systemctl edit momentum), under [Service]:"}, lines...)
}

func inSettings(lines ...string) []string {
	return append([]string{"the settings of the server:"}, lines...)
}

// Report is all that an examination has found.
type Report struct {
	Good       bool       `json:"good"` // there is no problem
	Findings   []Finding  `json:"findings"`
	Prediction Prediction `json:"prediction"`
}

// NewReport makes a report of findings.
func NewReport(findings []Finding, p Prediction) *Report {
	r := &Report{Good: true, Findings: findings, Prediction: p}
	for _, f := range findings {
		r.Good = r.Good && f.Level != Problem
	}
	return r
}

// Worst returns the findings with the problems first, otherwise in their order.
func (r *Report) Worst() []Finding {
	rank := map[Level]int{Problem: 0, Warning: 1, OK: 2}
	all := slices.Clone(r.Findings)
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(rank[a.Level], rank[b.Level]) })
	return all
}
