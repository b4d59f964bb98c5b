package main

import (
	"testing"

	"momentum/server/metrics"
)

func TestTheLastReloadDecidesWhetherItFailed(t *testing.T) {
	var r reloads
	for _, step := range []struct {
		taken bool
		want  metrics.Reloads
	}{
		{true, metrics.Reloads{Taken: 1}},
		{false, metrics.Reloads{Taken: 1, Refused: 1, Failed: true}},
		{true, metrics.Reloads{Taken: 2, Refused: 1}},
	} {
		if r.count(step.taken); r.figures() != step.want {
			t.Errorf("%+v, want %+v", r.figures(), step.want)
		}
	}
}
