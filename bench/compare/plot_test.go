package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestPlotNamesAreDistinctFileNames(t *testing.T) {
	seen := make(map[string]bool)
	for _, j := range allJobs {
		name := j.plotName()
		if seen[name] || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
			t.Errorf("%q for %q", name, j.Name)
		}
		seen[name] = true
	}
}

func TestBarsAreProportionalToTheFigures(t *testing.T) {
	r := rounds()
	svg := (&result{r.Jobs[0], r}).plot()
	const whole = plotWidth - labelWidth - valueWidth
	for server, share := range map[string]float64{ours: 0.5, floor: 5.0 / 12, "gws": 1} {
		bar := fmt.Sprintf(`width="%.1f" height="%d" fill="%s"`, share*whole, barHeight, colour(server))
		if !strings.Contains(svg, ">"+server+"<") || !strings.Contains(svg, bar) {
			t.Errorf("no bar %s for %s in\n%s", bar, server, svg)
		}
	}
	if strings.Contains(svg, ">nbio<") {
		t.Error("a server without a figure has a bar")
	}
}
