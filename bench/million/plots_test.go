package main

import (
	"strings"
	"testing"

	"momentum/bench/plot/plottest"
)

func TestARunHasPictures(t *testing.T) {
	r := record{Connections: 100, Nodes: 3, AllIn: 4, Curve: []point{{1, 40, 1}, {3, 90, 1.5}}, Broadcast: arrivals{First: 3, Steps: make([]float64, steps)}}
	for i := range r.Broadcast.Steps {
		r.Broadcast.Steps[i] = 10 * float64(i+1)
	}
	all := r.plots()
	for name, points := range map[string]int{"connections": 3, "redis": 1, "broadcast": steps + 1} {
		p := all[name]
		if n := len(p.Curves[0].Points); n != points {
			t.Errorf("%s has %d points, not %d", name, n, points)
		}
		if _, err := plottest.Pictures(strings.Replace(p.Picture(), "http://", "", 1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if q := all["redis"].Curves[0].Points[0]; q.X != 3 || q.Y != 25 {
		t.Errorf("Redis used half a second in two, and the plot says %v", q)
	}
	if q := all["broadcast"].Curves[0].Points[steps]; q.X != 0.5 || q.Y != 100 {
		t.Errorf("the last user has the broadcast at %v", q)
	}
}
