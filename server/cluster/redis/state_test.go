package redis

import (
	"testing"
	"time"

	"momentum/server/cluster"
)

func TestTheStateFollowsFromTheCondition(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name string
		c    condition
		want cluster.State
	}{
		{"at the start", condition{}, cluster.Starting},
		{"never reached", condition{lost: 3001 * ms}, cluster.Local},
		{"proven", condition{proven: true, canary: 1000 * ms, batch: 500 * ms}, cluster.Healthy},
		{"a late canary", condition{proven: true, canary: 1001 * ms}, cluster.Slow},
		{"a late batch", condition{proven: true, batch: 501 * ms}, cluster.Slow},
		{"just lost", condition{reached: true, lost: 3000 * ms}, cluster.Held},
		{"lost for longer", condition{reached: true, lost: 3001 * ms}, cluster.Local},
	} {
		if got := tt.c.state(); got != tt.want {
			t.Errorf("%s: %v, not %v", tt.name, got, tt.want)
		}
	}
}
