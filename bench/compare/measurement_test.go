package main

import "testing"

func TestAMeasurementIsShownOnOneLine(t *testing.T) {
	for want, m := range map[string]measurement{
		"failed: it ended":                {Failed: "it ended", Resident: 1},
		"610 B":                           {Resident: 610},
		"1.50 µs CPU, 1000/s, p99 250 µs": {CPUMicros: 1.5, PerSecond: 1000, P99: 250},
	} {
		if got := m.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
