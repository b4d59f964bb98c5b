package top

import (
	"fmt"
	"strings"
	"time"

	"momentum/server/view"
)

// Text returns the screen: at most height lines, each at most width wide.
func (m Model) Text(width, height int) string {
	lines := m.body(width, height)
	if len(lines) > height-1 {
		lines = lines[:max(0, height-1)]
	}
	for len(lines) < height-1 {
		lines = append(lines, nil)
	}
	return m.joined(append(lines, m.foot()), width)
}

// Once returns the view as a text for a file: with all reactors and the ten heaviest connections.
func (m Model) Once(width int) string {
	if m.View == nil {
		return ""
	}
	lines := append(summary(m.View, width), reactors(m.View.Reactors, len(m.View.Reactors))...)
	return m.joined(append(lines, m.table(width, 10)...), width) + "\n"
}

func (m Model) joined(lines []line, width int) string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.render(width, m.Coloured)
	}
	return strings.Join(texts, "\n")
}

func (m Model) body(width, height int) (lines []line) {
	if m.Help {
		for _, text := range help {
			lines = append(lines, lineOf(plain, text))
		}
		return lines
	}
	if m.Lost != "" {
		lines = wrap([]piece{{"NO CONNECTION, no data since " + m.Since.UTC().Format(clock) + ", trying again", bad}, {m.Lost, plain}}, width)
	}
	if m.View == nil {
		return append(lines, lineOf(plain, "no view of the node yet"))
	}
	lines = append(lines, summary(m.View, width)...)
	lines = append(lines, reactors(m.View.Reactors, max(1, (height-len(lines))/3))...)
	return append(lines, m.table(width, height-len(lines)-1)...)
}

// summary returns the lines above the tables.
func summary(v *view.View, width int) (lines []line) {
	up := v.At.Sub(v.Node.Started).Truncate(time.Second)
	for _, items := range [][]piece{
		pieces(strings.TrimSpace("momentum "+v.Node.Name), v.At.UTC().Format(clock), "up "+up.String(), v.Node.Version),
		stormItems(v),
		levelItems(v),
		pieces(fmt.Sprintf("handshake p50 %s ms, p99 %s ms", optional(v.Handshake.P50, "%.1f"), optional(v.Handshake.P99, "%.1f")),
			fmt.Sprintf("%.0f deliveries/s", v.Rates.Deliveries), "out "+bytes(v.Rates.BytesOut)+"/s", "in "+bytes(v.Rates.BytesIn)+"/s"),
		closeItems(v.Closes),
		partItems(v),
	} {
		lines = append(lines, wrap(items, width)...)
	}
	if d := v.Drain; d != nil {
		items := pieces(fmt.Sprintf("DRAIN %d of %d left", d.Remaining, d.Sessions), fmt.Sprintf("%d sent away", d.Closed), fmt.Sprintf("%.0f s to go at most", d.SecondsLeft))
		items[0].tone = caution
		lines = append(lines, wrap(items, width)...)
	}
	return lines
}

// clock is the form of a time.
const clock = "15:04:05 UTC"

var help = []string{
	"b  sort by bytes out", "i  sort by bytes in", "u  sort by the longest queue", "r  sort by refused messages",
	"w  the last 10 s, or the last minute, of the heaviest connections",
	"/  filter by user, address or connection; enter keeps it, esc clears it",
	"p  pause", "q  quit (also Ctrl-C)", "?  this help; any key closes it",
}

// foot returns the last line.
func (m Model) foot() line {
	switch {
	case m.Typing:
		return lineOf(plain, "filter: "+m.Filter+"_")
	case m.Paused:
		return lineOf(caution, "PAUSED: p goes on, q quits")
	case m.Filter != "":
		return lineOf(plain, "filter "+m.Filter+" (esc clears) · ? help · q quit")
	}
	return lineOf(plain, "b i u r sort · w window · / filter · p pause · ? help · q quit")
}
