package report

import (
	"strings"
	"testing"

	"momentum/bench/load"
	"momentum/bench/plot/plottest"
)

func TestThePageHasAllPlots(t *testing.T) {
	for test, want := range map[load.Test][]string{
		load.Storm:      {"Cumulative distribution", "Connections and refusals", "Latency", "Handshakes", "CPU", "Server memory a connection"},
		load.Throughput: {"Cumulative distribution", "Connections and refusals", "Latency", "Messages", "CPU", "Server memory a connection"},
	} {
		page := pageOf(t, measured(test))
		pictures, err := plottest.Pictures(page)
		if err != nil {
			t.Error(err)
		}
		if len(pictures) != len(want) {
			t.Errorf("%s: %d pictures, want %d", test, len(pictures), len(want))
		}
		for i, picture := range pictures {
			if !strings.Contains(picture, want[i]) {
				t.Errorf("%s: picture %d is not %q", test, i, want[i])
			}
		}
	}
}
