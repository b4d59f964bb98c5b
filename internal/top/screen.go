package top

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"momentum/server/host"
	"momentum/server/view"
)

// Text returns the screen: at most height lines, each at most width wide.
func (m Model) Text(width, height int) string {
	lines := m.body(width, height)
	if len(lines) > height-1 {
		lines = lines[:max(0, height-1)]
	}
	for len(lines) < height-1 {
		lines = append(lines, "")
	}
	return joined(append(lines, m.foot()), width)
}

// Once returns the view as a text for a file: with all reactors and the ten heaviest connections.
func (m Model) Once(width int) string {
	if m.View == nil {
		return ""
	}
	lines := append(summary(m.View, width), reactors(m.View.Reactors, len(m.View.Reactors))...)
	return joined(append(lines, m.table(width, 10)...), width) + "\n"
}

func joined(lines []string, width int) string {
	for i, line := range lines {
		lines[i] = strings.TrimRight(fit(line, width), " ")
	}
	return strings.Join(lines, "\n")
}

func (m Model) body(width, height int) []string {
	if m.Help {
		return help
	}
	var lines []string
	if m.Lost != "" {
		lines = wrap([]string{"NO CONNECTION, trying again", m.Lost}, width)
	}
	if m.View == nil {
		return append(lines, "no view of the node yet")
	}
	lines = append(lines, summary(m.View, width)...)
	lines = append(lines, reactors(m.View.Reactors, max(1, (height-len(lines))/3))...)
	return append(lines, m.table(width, height-len(lines)-1)...)
}

// summary returns the lines above the tables.
func summary(v *view.View, width int) []string {
	up := v.At.Sub(v.Node.Started).Truncate(time.Second)
	var lines []string
	for _, items := range [][]string{
		{strings.TrimSpace("momentum " + v.Node.Name), v.At.UTC().Format("15:04:05 UTC"), "up " + up.String(), v.Node.Version},
		stormItems(v),
		levelItems(v),
		{fmt.Sprintf("handshake p50 %s ms, p99 %s ms", optional(v.Handshake.P50, "%.1f"), optional(v.Handshake.P99, "%.1f")),
			fmt.Sprintf("%.0f deliveries/s", v.Rates.Deliveries), "out " + bytes(v.Rates.BytesOut) + "/s", "in " + bytes(v.Rates.BytesIn) + "/s"},
		closeItems(v.Closes),
		partItems(v),
	} {
		lines = append(lines, wrap(items, width)...)
	}
	if d := v.Drain; d != nil {
		lines = append(lines, wrap([]string{fmt.Sprintf("DRAIN %d of %d left", d.Remaining, d.Sessions), fmt.Sprintf("%d sent away", d.Closed), fmt.Sprintf("%.0f s to go at most", d.SecondsLeft)}, width)...)
	}
	return lines
}

// stormItems returns the strip: the state, the handshakes, and the time that a storm of all clients takes.
func stormItems(v *view.View) []string {
	s := &v.Storm
	items := []string{fmt.Sprintf("%s for %.0f s", strings.ToUpper(string(s.State)), s.Seconds), fmt.Sprintf("%.0f arrive/s", s.Arrivals), fmt.Sprintf("%.0f admitted/s", s.Admissions)}
	items = append(items, byCount(s.Refusals, "refused %s %.0f/s")...)
	if s.Missing > 0 {
		items = append(items, fmt.Sprintf("%d not back yet, %s s to go", s.Missing, optional(s.Over, "%.0f")))
	}
	return append(items, fmt.Sprintf("if everybody came back now: %.1f s", s.Everybody))
}

func levelItems(v *view.View) []string {
	return []string{"connections " + level(&v.Connections), fmt.Sprintf("%d users", v.Users)}
}

func level(l *host.Level) string {
	text := fmt.Sprintf("%d, highest %d", l.Now, l.Highest)
	if l.Limit > 0 {
		text += fmt.Sprintf(", limit %d", l.Limit)
	}
	return text
}

func closeItems(closes []view.Close) []string {
	if len(closes) == 0 {
		return []string{"closes of the last minute: none"}
	}
	counts := make(map[string]float64)
	for _, c := range closes {
		counts[c.Reason] += float64(c.Count)
	}
	items := byCount(counts, "%s %.0f")
	items[0] = "closes of the last minute: " + items[0]
	return items
}

// partItems returns the states of the bus and of what /readyz examines.
func partItems(v *view.View) (items []string) {
	if v.Bus != "" {
		items = append(items, "bus "+v.Bus)
	}
	var health struct {
		Status string            `json:"status"`
		Parts  map[string]string `json:"parts"`
	}
	if json.Unmarshal(v.Health, &health) == nil {
		items = append(items, "ready: "+health.Status)
		for _, part := range slices.Sorted(maps.Keys(health.Parts)) {
			items = append(items, part+" "+health.Parts[part])
		}
	}
	return items
}

var help = []string{
	"b  sort by bytes out", "i  sort by bytes in", "u  sort by the longest queue", "r  sort by refused messages",
	"/  filter by user, address or connection; enter keeps it, esc clears it",
	"p  pause", "q  quit (also Ctrl-C)", "?  this help; any key closes it",
}

// foot returns the last line.
func (m Model) foot() string {
	switch {
	case m.Typing:
		return "filter: " + m.Filter + "_"
	case m.Paused:
		return "PAUSED: p goes on, q quits"
	case m.Filter != "":
		return "filter " + m.Filter + " (esc clears) · ? help · q quit"
	}
	return "b i u r sort · / filter · p pause · ? help · q quit"
}
