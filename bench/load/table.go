package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// WriteTable prints a record as text.
func WriteTable(w io.Writer, r *Record) {
	for i := range r.Groups {
		r.Groups[i].write(w)
	}
	if r.Incomplete != "" {
		fmt.Fprintf(w, "\nINCOMPLETE: %s\n", r.Incomplete)
	}
	writeVerdicts(w, r.Verdicts)
	writeComparison(w, r.Comparison)
}

func (g *Group) write(w io.Writer) {
	runs := ""
	if len(g.Runs) > 1 {
		runs = fmt.Sprintf(" (medians of %d runs)", len(g.Runs))
	}
	fmt.Fprintf(w, "\n%s%s\n", g.Test, runs)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, m := range g.Summaries() {
		valueRange := ""
		if m.Low < m.High {
			valueRange = fmt.Sprintf("%s to %s", Figure(m.Low, m.Unit), Figure(m.High, m.Unit))
		}
		fmt.Fprintf(t, "  %s\t%s\t %s\t\n", m.Name+strings.Repeat(" ", max(0, nameColumn-len(m.Name))), Figure(m.Value, m.Unit), valueRange)
	}
	t.Flush()
	for number, one := range g.Runs {
		one.writeNotes(w, number, len(g.Runs))
	}
}

// nameColumn is the width of the longest metric's name.
const nameColumn = len("server_memory_per_connection")

// writeNotes prints errors, warnings and notes of a run.
func (r *Result) writeNotes(w io.Writer, number, of int) {
	run := ""
	if of > 1 {
		run = fmt.Sprintf("run %d: ", number+1)
	}
	list := func(label string, lines []string) {
		for _, one := range lines {
			fmt.Fprintf(w, "  %s%s%s\n", run, label, printable(one))
		}
	}
	list("refused: ", counted(r.Refused))
	list("failed: ", counted(r.Failed))
	list("dropped: ", counted(r.Dropped))
	list("PROBLEM: ", r.Problems)
	for _, b := range r.Invalid {
		list("WARNING: ", []string{b.String()})
	}
	if r.Interrupted {
		list("", []string{"interrupted: these are the figures until then"})
	}
	if number == of-1 {
		run = ""
		list("note: ", r.Notes)
	}
}

// printable replaces control characters: reasons and codes come from the server and could control the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

func counted(causes map[string]int) []string {
	names := Causes(causes)
	for i, name := range names {
		names[i] = fmt.Sprintf("%d × %s", causes[name], name)
	}
	return names
}

// Causes lists the keys of a map of counts, the most frequent first.
func Causes(of map[string]int) []string {
	return slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		if of[a] != of[b] {
			return of[b] - of[a]
		}
		return strings.Compare(a, b)
	})
}

func writeVerdicts(w io.Writer, verdicts []Verdict) {
	if len(verdicts) == 0 {
		return
	}
	fmt.Fprint(w, "\nconditions\n")
	for _, v := range verdicts {
		fmt.Fprintf(w, "  %s\n", v)
	}
}

// String describes the verdict in one line.
func (v Verdict) String() string {
	if v.Missing {
		return fmt.Sprintf("%s  %s", v.Condition, v.Outcome())
	}
	return fmt.Sprintf("%s  %s: %s", v.Condition, v.Test, v.Outcome())
}

// Outcome describes the verdict without its condition.
func (v Verdict) Outcome() string {
	outcome := Figure(v.Value, v.Unit) + ", FAILED"
	switch {
	case v.Missing:
		return "FAILED: no test measured it"
	case v.Held:
		outcome = Figure(v.Value, v.Unit) + ", held"
	}
	return outcome + limitedBy(v.GeneratorLimited)
}

func writeComparison(w io.Writer, all []Comparison) {
	if len(all) == 0 {
		return
	}
	fmt.Fprint(w, "\nagainst the baseline\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range all {
		fmt.Fprintf(t, "  %s\t%s\t%s\t→ %s\t± %s\t%s\n", c.Test, c.Name, Figure(c.Was, c.Unit), Figure(c.Is, c.Unit), Figure(c.Noise, c.Unit), c.Verdict())
	}
	t.Flush()
}

// Verdict describes the comparison in a few words.
func (c Comparison) Verdict() string {
	verdict := "same"
	switch {
	case c.Missing:
		return "REGRESSED (not measured any more)"
	case c.Regressed:
		verdict = "REGRESSED"
	case c.Improved:
		verdict = "improved"
	}
	return verdict + limitedBy(c.GeneratorLimited)
}

// limitedBy is appended to a figure that the generator limited.
func limitedBy(generator bool) string {
	if generator {
		return ", but the generator was the bottleneck"
	}
	return ""
}

// Figure formats a value with its unit and no more digits than are significant.
func Figure(value float64, unit string) string {
	if unit == Milliseconds && max(value, -value) >= 10_000 {
		return Figure(value/1000, "s")
	}
	digits := 0
	switch size := max(value, -value); {
	case value == float64(int64(value)) && unit != Milliseconds:
	case size < 1:
		digits = 3
	case size < 10:
		digits = 2
	case size < 100:
		digits = 1
	}
	text := grouped(fmt.Sprintf("%.*f", digits, value))
	if unit == Count {
		return text
	}
	return text + " " + unit
}

// grouped separates thousands with commas.
func grouped(number string) string {
	integer, fraction, dotted := strings.Cut(number, ".")
	sign := ""
	if strings.HasPrefix(integer, "-") {
		sign, integer = "-", integer[1:]
	}
	for at := len(integer) - 3; at > 0; at -= 3 {
		integer = integer[:at] + "," + integer[at:]
	}
	if dotted {
		integer += "." + fraction
	}
	return sign + integer
}
