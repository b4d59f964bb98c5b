package report

import (
	"regexp"
	"strings"
	"testing"

	"momentum/bench/load"
)

func TestThePageHasAllPlots(t *testing.T) {
	for test, want := range map[load.Test][]string{
		load.Storm:      {"Cumulative distribution", "Connections and refusals", "Latency", "Handshakes", "CPU", "Server memory a connection"},
		load.Throughput: {"Cumulative distribution", "Connections and refusals", "Latency", "Messages", "CPU", "Server memory a connection"},
	} {
		page := pageOf(t, measured(test))
		pictures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
		if len(pictures) != len(want) {
			t.Errorf("%s: %d pictures, want %d", test, len(pictures), len(want))
		}
		for i, picture := range pictures {
			if !strings.Contains(picture, want[i]) {
				t.Errorf("%s: picture %d is not %q", test, i, want[i])
			}
			wellFormed(t, picture)
		}
	}
}
