package redis

import (
	"time"

	"momentum/server/cluster"
)

const (
	batchSlow = 500 * time.Millisecond
	heldFor   = 3 * time.Second // it bridges a failover
)

// condition is what the state follows from.
type condition struct {
	proven  bool          // attached, and the canaries come back
	canary  time.Duration // for which the latest one has no answer
	batch   time.Duration // for which a batch has no answer
	reached bool          // it was proven before
	lost    time.Duration // since it was proven, or since the start
}

func (c condition) state() cluster.State {
	switch {
	case c.proven && (c.canary > canarySlow || c.batch > batchSlow):
		return cluster.Slow
	case c.proven:
		return cluster.Healthy
	case c.lost > heldFor:
		return cluster.Local
	case c.reached:
		return cluster.Held
	}
	return cluster.Starting
}
