package cluster

import "testing"

func TestStatesHaveNames(t *testing.T) {
	for s, want := range map[State]string{Starting: "starting", Healthy: "healthy", Slow: "slow", Held: "held", Local: "local"} {
		if s.String() != want {
			t.Errorf("state %d is %q, not %q", s, s, want)
		}
	}
}
