package main

import (
	"fmt"

	"momentum/bench/plot"
)

// steps is how many times of a broadcast a record has: that of each fiftieth of the users.
const steps = 50

// plots returns the pictures of a run, by the ends of their files' names.
func (r *record) plots() map[string]*plot.Plot {
	open := plot.Curve{Name: "connections", Filled: true}
	redis := plot.Curve{Name: "Redis"}
	for i, p := range r.Curve {
		open.Add(p.Time, float64(p.Open))
		if i > 0 {
			last := r.Curve[i-1]
			redis.Add(p.Time, 100*(p.Redis-last.Redis)/(p.Time-last.Time))
		}
	}
	open.Add(r.AllIn, float64(r.Connections))
	have := plot.Curve{Name: "users that have it", Filled: true}
	have.Add(r.Broadcast.First/1000, 0)
	for i, at := range r.Broadcast.Steps {
		have.Add(at/1000, float64(i+1)*100/steps)
	}
	about := fmt.Sprintf("%d users, %d nodes, %s", r.Connections, r.Nodes, r.Date.Format("2 January 2006, 15:04"))
	return map[string]*plot.Plot{
		"connections": {Title: "Until all are connected", Subtitle: about, XUnit: "s", Curves: []plot.Curve{open}},
		"redis":       {Title: "Redis's share of a core while all connect", Subtitle: about, XUnit: "s", YUnit: "%", Top: 100, Curves: []plot.Curve{redis}},
		"broadcast":   {Title: "A broadcast", Subtitle: about, XUnit: "s since it was sent", YUnit: "%", Top: 100, Curves: []plot.Curve{have}},
	}
}
