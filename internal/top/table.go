package top

import (
	"cmp"
	"fmt"

	"momentum/server/view"
)

// titles names the measures by which the table is sorted.
var titles = map[string]string{"bytes_out": "bytes out", "bytes_in": "bytes in", "queue": "longest queue", "refused": "refused messages"}

// spans names the windows.
var spans = map[int]string{windows[0]: "10 s", windows[1]: "minute"}

// reactors returns a row for each reactor, as many as there is room for.
func reactors(all []view.Reactor, room int) []line {
	lines := []line{lineOf(title, "REACTOR  CPU  LAG p99  MAILBOX  QUEUED")}
	for i, r := range all {
		if i == room-1 && len(all) > room {
			return append(lines, lineOf(plain, fmt.Sprintf("and %d more", len(all)-i)))
		}
		var share *float64
		if r.Processor != nil {
			percent := *r.Processor * 100
			share = &percent
		}
		shown := plain
		if r.Lag != nil && *r.Lag >= lagging {
			shown = bad
		}
		lines = append(lines, lineOf(shown, fmt.Sprintf("%7d %4s %8s %8s %7s", i, optional(share, "%.0f%%"), optional(r.Lag, "%.1fms"), bytes(float64(r.Mailbox)), bytes(float64(r.Queued+r.Waiting)))))
	}
	return lines
}

// table returns the heaviest connections, in at most room lines.
func (m Model) table(width, room int) []line {
	if m.NoTable || room < 3 {
		return nil
	}
	heading := lineOf(title, "HEAVIEST by "+titles[m.Sort]+", last "+spans[m.Window])
	if m.Old != "" {
		heading = lineOf(caution, "OLD "+heading[0].text+": "+m.Old)
	}
	lines := []line{heading, lineOf(title, m.columns(width, "OUT/s", "IN/s", "QUEUE", "REFUSED", "USER", "ADDRESS"))}
	for i, r := range m.shown() {
		if i == room-len(lines[:2]) {
			break
		}
		name, shown := cmp.Or(r.Username, r.UserID), plain
		if r.Ended != "" {
			name, shown = name+" ("+r.Ended+")", caution
		}
		w := &r.Window
		lines = append(lines, lineOf(shown, m.columns(width, bytes(w.Out), bytes(w.In), bytes(float64(w.Queue)), fmt.Sprint(w.Refused), name, r.Address)))
	}
	return lines
}

// columns returns a row. A narrow terminal has the measure of the order alone.
func (m Model) columns(width int, out, in, queue, refused, name, address string) string {
	if width < 60 {
		measure := map[string]string{"bytes_out": out, "bytes_in": in, "queue": queue, "refused": refused}[m.Sort]
		return fmt.Sprintf("%7s  %s", measure, name)
	}
	return fmt.Sprintf("%7s %7s %7s %7s  %s %s", out, in, queue, refused, fit(name, max(8, width-57)), address)
}
