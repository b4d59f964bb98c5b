package report

import (
	"fmt"
	"html/template"
	"strings"

	"momentum/bench/load"
)

// view is the content of the page, in the order in which it is shown.
type view struct {
	Title    string
	Target   string
	Started  string
	Host     string
	State    string // CSS class of the badge: ok, failed or invalid
	Badge    string // text of the badge
	Flags    []string
	Sections []section
	Verdicts []load.Verdict
	Baseline []compared
}

// section is the part of the page about one test.
type section struct {
	Name     string
	Runs     int
	Invalid  []string
	Problems []string
	Notes    []string
	Cards    []card
	Plots    []template.HTML
	Rows     []row
	Causes   []cause
}

// card is one of the main figures, which are shown first.
type card struct{ Value, Unit, Name string }

type row struct{ Name, Value, Range string }

type cause struct {
	What, Why string
	Count     int
}

type compared struct {
	load.Comparison
	WasText, IsText, NoiseText, Class string
}

func viewOf(r *load.Record) *view {
	p := &r.Plan
	v := &view{
		Title: title(p.Test), Target: r.Target, Started: r.Started.Format("2 January 2006, 15:04 UTC"),
		Host:     fmt.Sprintf("%d CPUs, Linux %s, %s", r.Host.CPUs, r.Host.Kernel, r.Host.Go),
		Verdicts: r.Verdicts,
		Flags:    flagsOf(p),
	}
	v.State, v.Badge = state(r)
	for i := range r.Groups {
		v.Sections = append(v.Sections, sectionOf(&r.Groups[i]))
	}
	if len(v.Sections) == 1 {
		v.Sections[0].Name = "Results"
	}
	for _, c := range r.Comparison {
		v.Baseline = append(v.Baseline, comparedOf(c))
	}
	return v
}

// flagsOf describes the plan, without the flags that its tests do not use.
func flagsOf(p *load.Plan) []string {
	all := []string{fmt.Sprintf("%d connections", p.Connections), fmt.Sprintf("%d handshakes at once", p.MaxConcurrent)}
	if p.ArrivalRate > 0 {
		all = append(all, fmt.Sprintf("%g arrivals a second", p.ArrivalRate))
	}
	if p.Test == load.Throughput || p.Test == load.All {
		all = append(all, fmt.Sprintf("%d messages each", p.Messages))
	}
	if p.Test == load.Sustained || p.Test == load.All {
		all = append(all, fmt.Sprintf("held for %d s", p.Seconds))
	}
	if p.Test != load.Storm {
		all = append(all, fmt.Sprintf("a message every %d ms", p.IntervalMS), "to "+map[load.Fanout]string{load.Partner: "one other", load.Everybody: "all"}[p.Fanout])
	}
	return all
}

func title(test load.Test) string {
	switch test {
	case load.Storm:
		return "Connection storm"
	case load.Throughput:
		return "Throughput"
	case load.Sustained:
		return "Sustained connections"
	}
	return "Storm, throughput, sustained"
}

// state returns the class and the text of the badge.
func state(r *load.Record) (class, text string) {
	switch {
	case r.Incomplete != "":
		return "failed", r.Incomplete
	case !r.Complete():
		return "failed", "interrupted"
	case r.Failed():
		return "failed", "a condition or the baseline failed"
	case r.HasErrors():
		return "failed", "clients met errors"
	case r.GeneratorLimited():
		return "invalid", "invalid: the generator was the bottleneck of a figure that a condition or the baseline was applied to"
	case r.Invalid():
		return "invalid", "no errors, but the generator was the bottleneck of a phase"
	}
	return "ok", "no errors"
}

func sectionOf(g *load.Group) section {
	r := g.Representative()
	s := section{
		Name: title(g.Test), Runs: len(g.Runs), Notes: r.Notes, Cards: cards(g), Plots: plots(r)}
	for i, one := range g.Runs {
		run := ""
		if len(g.Runs) > 1 {
			run = fmt.Sprintf("run %d: ", i+1)
		}
		for _, why := range one.Invalid {
			s.Invalid = append(s.Invalid, run+why.String())
		}
		for _, what := range one.Problems {
			s.Problems = append(s.Problems, run+what)
		}
		s.Causes = append(s.Causes, causes(run, one)...)
	}
	for _, m := range g.Summaries() {
		one := row{Name: m.Name, Value: load.Figure(m.Value, m.Unit)}
		if m.Low < m.High {
			one.Range = load.Figure(m.Low, m.Unit) + " to " + load.Figure(m.High, m.Unit)
		}
		s.Rows = append(s.Rows, one)
	}
	return s
}

// headlines are the names and labels of the main figures of each test.
func headlines(test load.Test) [][2]string {
	if test == load.Storm {
		return [][2]string{{"handshakes_per_second", "handshakes a second"}, {"handshake_p50", "handshake, median"},
			{"handshake_p99", "handshake, 99 %"}, {"everyone_in", "until all were admitted"}, {"refused", "refusals"}, {"entered", "clients admitted"}}
	}
	return [][2]string{{"delivered", "messages delivered"}, {"delivery_p50", "delivery, median"}, {"delivery_p99", "delivery, 99 %"},
		{"lost", "lost"}, {"dropped", "connections dropped"}, {"entered", "clients admitted"}}
}

func cards(g *load.Group) []card {
	var all []card
	summaries := g.Summaries()
	for _, h := range headlines(g.Test) {
		for _, m := range summaries {
			if m.Name == h[0] {
				value, unit, _ := strings.Cut(load.Figure(m.Value, m.Unit), " ")
				all = append(all, card{value, strings.TrimPrefix(unit, "/s"), h[1]})
			}
		}
	}
	return all
}

func causes(run string, r *load.Result) []cause {
	var all []cause
	add := func(what string, of map[string]int) {
		for _, c := range load.Causes(of) {
			all = append(all, cause{run + what, c, of[c]})
		}
	}
	add("refused", r.Refused)
	add("failed", r.Failed)
	add("dropped", r.Dropped)
	add("answered with an error", r.Answered)
	add("violation of RFC 6455", r.Violations)
	return all
}

func comparedOf(c load.Comparison) compared {
	figure := func(v float64) string { return load.Figure(v, c.Unit) }
	class := map[bool]string{true: "bad"}[c.Regressed]
	if c.Improved {
		class = "good"
	}
	return compared{c, figure(c.Was), figure(c.Is), figure(c.Noise), class}
}
