package redis

import (
	"slices"
	"testing"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestStatesFollowOneAnother(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	s.Pause(t)
	p.await("local mode", func() bool { return p.Bus.State() == cluster.Local })
	s.Resume(t)
	p.await("health", func() bool { return p.states[len(p.states)-1] == cluster.Healthy })
	states := slices.Compact(p.states)
	want := []cluster.State{cluster.Starting, cluster.Healthy, cluster.Slow, cluster.Held, cluster.Local, cluster.Healthy}
	if !slices.Equal(states, want) {
		t.Errorf("%v", states)
	}
}
