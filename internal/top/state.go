package top

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"momentum/server/host"
	"momentum/server/storm"
	"momentum/server/view"
)

// The shares of a limit, and the delay, from which docs/OPERATIONS.md has an operator act.
const (
	nearLimit = 0.9
	lagging   = 100 // milliseconds
)

var stormTones = map[storm.State]tone{storm.Calm: good, storm.Recovering: caution, storm.Storm: bad}

// stormItems returns the strip: the state, the handshakes, and the time that a storm of all clients takes.
func stormItems(v *view.View) []piece {
	s := &v.Storm
	items := pieces(fmt.Sprintf("%s for %.0f s", strings.ToUpper(string(s.State)), s.Seconds), fmt.Sprintf("%.0f arrive/s", s.Arrivals), fmt.Sprintf("%.0f admitted/s", s.Admissions))
	items[0].tone = stormTones[s.State]
	for _, refused := range byCount(s.Refusals, "refused %s %.0f/s") {
		items = append(items, piece{refused, caution})
	}
	if s.Missing > 0 {
		items = append(items, piece{fmt.Sprintf("%d not back yet, %s s to go", s.Missing, optional(s.Over, "%.0f")), caution})
	}
	return append(items, piece{fmt.Sprintf("if everybody came back now: %.1f s", s.Everybody), plain})
}

func levelItems(v *view.View) []piece {
	return []piece{{"connections " + level(&v.Connections), levelTone(&v.Connections)}, {fmt.Sprintf("%d users", v.Users), plain}}
}

func level(l *host.Level) string {
	text := fmt.Sprintf("%d, highest %d", l.Now, l.Highest)
	if l.Limit > 0 {
		text += fmt.Sprintf(", limit %d", l.Limit)
	}
	return text
}

// levelTone warns if the limit is near, or has been.
func levelTone(l *host.Level) tone {
	near := func(n int64) bool { return l.Limit > 0 && float64(n) >= nearLimit*float64(l.Limit) }
	switch {
	case near(l.Now):
		return bad
	case near(l.Highest):
		return caution
	}
	return plain
}

func closeItems(closes []view.Close) []piece {
	if len(closes) == 0 {
		return pieces("closes of the last minute: none")
	}
	counts := make(map[string]float64)
	for _, c := range closes {
		counts[c.Reason] += float64(c.Count)
	}
	items := byCount(counts, "%s %.0f")
	items[0] = "closes of the last minute: " + items[0]
	return pieces(items...)
}

// busTones has the states of the connection with the other nodes in which messages reach them. In all other states they wait, or do not.
var busTones = map[string]tone{"healthy": good, "slow": caution, "starting": caution}

// partItems returns the states of the bus and of what /readyz examines.
func partItems(v *view.View) (items []piece) {
	if v.Bus != "" {
		t, reached := busTones[v.Bus]
		if !reached {
			t = bad
		}
		items = append(items, piece{"bus " + v.Bus, t})
	}
	var health struct {
		Status string            `json:"status"`
		Parts  map[string]string `json:"parts"`
	}
	if json.Unmarshal(v.Health, &health) == nil {
		items = append(items, piece{"ready: " + health.Status, healthTone(health.Status, good)})
		for _, part := range slices.Sorted(maps.Keys(health.Parts)) {
			items = append(items, piece{part + " " + health.Parts[part], healthTone(health.Parts[part], plain)})
		}
	}
	return items
}

// healthTone returns the tone of a state of /readyz, and that of "ok" as given.
func healthTone(state string, ok tone) tone {
	if state == "ok" {
		return ok
	}
	return bad
}
