package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// tables writes one table for each job, and below it a link to its record.
func tables(results []result) string {
	var b strings.Builder
	for _, r := range results {
		b.WriteString(r.table())
		fmt.Fprintf(&b, "Record: [%s](%s/%s).\n\n", r.from.file(), resultsDirectory, r.from.file())
	}
	return b.String()
}

// table writes a row for each server that can do the job and a column for each metric, with the ratios to the floor and to the
// best rival.
func (r *result) table() string {
	if r.Kind == kindJitter {
		return r.jitterTable()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n| server |", r.Name)
	metrics := r.metrics()
	for _, m := range metrics {
		fmt.Fprintf(&b, " %s |", r.heading(m))
	}
	b.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(metrics)) + "\n")
	for _, s := range allServers {
		if _, measured := r.from.Versions[s.name]; !measured || !r.appliesTo(s) {
			continue
		}
		fmt.Fprintf(&b, "| %s |", s.name)
		for _, m := range metrics {
			fmt.Fprintf(&b, " %s |", r.from.summarize(s.name, r.Name, m))
		}
		b.WriteString("\n")
	}
	b.WriteString(r.failed() + "\n" + r.comparison())
	if percent, worst, ok := r.from.others(r.Name); ok {
		fmt.Fprintf(&b, "Other work used %.0f %% of the server's core (median), and at most %.0f %%, for %s in round %d.\n\n",
			percent, worst.Others, worst.Server, worst.Round)
	}
	return b.String()
}

// failed names the servers that failed, and why.
func (r *result) failed() string {
	var b strings.Builder
	for _, s := range allServers {
		if why := r.from.failure(s.name, r.Name); why != "" {
			fmt.Fprintf(&b, "\n%s failed in a round or more: %s.\n", s.name, why)
		}
	}
	return b.String()
}

// comparison says how a job's CPU time relates to that of the job with which it is compared.
func (r *result) comparison() string {
	var ratios []string
	for _, s := range allServers {
		if v := r.from.relative(cpu, s.name, r.Name, s.name, r.Against); v > 0 {
			ratios = append(ratios, s.name+" "+ratio(v))
		}
	}
	if len(ratios) == 0 {
		return ""
	}
	return fmt.Sprintf("CPU relative to “%s”, in the same round: %s.\n\n", r.Against, strings.Join(ratios, ", "))
}

// jitterTable writes a row for each server.
func (r *result) jitterTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n| server | delivered %% | messages | lost | twice | out of order | cuts | resumed | core in use |\n| --- |%s\n",
		r.Name, strings.Repeat(" ---: |", 8))
	for i := range r.from.Measurements {
		m := &r.from.Measurements[i]
		if d := m.Jitter; m.Job == r.Name && m.Failed == "" && d != nil {
			fmt.Fprintf(&b, "| %s | %.2f | %s | %s | %s | %s | %s | %s | %.0f %% |\n", m.Server, d.delivered(), count(d.Sent), count(d.Sent-d.Delivered),
				count(d.Twice), count(d.Unordered), count(d.Cuts), count(d.Resumed), m.CPUMicros*m.PerSecond/1e4)
		}
	}
	return b.String() + "\n"
}

// heading returns the title of a metric with its unit at this job.
func (j job) heading(m metric) string {
	switch m.title {
	case cpu.title:
		return m.title + " a " + j.unit()
	case throughput.title:
		return j.units() + " " + m.title
	case resident.title:
		if j.Kind == kindMembers {
			return m.title + " a subscription"
		}
		return m.title + " a connection"
	}
	return m.title
}

// String returns a table's cell: the median, and after it its ratios to the floor and to the best rival.
func (s summary) String() string {
	if s.value == 0 {
		return "–"
	}
	cell := short(s.value)
	if s.toFloor > 0 || s.toBest > 0 {
		cell += " (" + ratio(s.toFloor) + " / " + ratio(s.toBest) + ")"
	}
	return cell
}

func ratio(v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", v)
}

// short returns a number with at least three digits, and commas between thousands.
func short(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.2f", v)
	}
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return count(int(math.Round(v)))
}

// count returns a whole number with commas between thousands.
func count(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// runs describes each record from which a table was made.
func runs(results []result) string {
	var b strings.Builder
	var seen []*record
	for _, r := range results {
		if slices.Contains(seen, r.from) {
			continue
		}
		seen = append(seen, r.from)
		m := r.from.Machine
		fmt.Fprintf(&b, "- [%s](%s/%s): commit %s; %s, %d cores, %s; %s; load before %s; %d rounds, windows of %s.\n",
			r.from.file(), resultsDirectory, r.from.file(), r.from.Commit,
			m.CPU, m.Cores, m.Memory, m.Kernel, m.LoadAvg, r.from.Rounds, r.from.Window)
		for _, s := range allServers {
			if v, ok := r.from.Versions[s.name]; ok {
				fmt.Fprintf(&b, "  - %s: %s\n", s.name, v)
			}
		}
	}
	return b.String()
}
