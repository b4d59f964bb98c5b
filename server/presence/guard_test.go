package presence

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/ordered"
)

// TestNoHoldGrowsWithTheNumberOfUsers counts the entries that are looked at under one hold of a lock, whatever an
// operator or the clock asks for. It would do so with a million users as well (see BenchmarkScalePage and others).
func TestNoHoldGrowsWithTheNumberOfUsers(t *testing.T) {
	const users = 4 * entriesAtOnce * shardCount // several times what one hold may look at, in each shard
	n := newNode(t, time.Minute)
	all := make([]*connection, users)
	for i := range all {
		all[i] = n.join(i + 1)
	}
	n.hub.Page(uuid.UUID{15: 200}, 10_001)
	n.hub.Page(uuid.Nil, 2*users)
	n.compareHolds("a page")
	n.hub.Page(uuid.Nil, 1)
	n.compareHolds("a page of one row")
	n.hub.Each(func(uuid.UUID) bool { return true })
	n.compareHolds("each")
	if connections, err := n.hub.Audit(); connections != users || err != nil {
		t.Errorf("the audit counts %d connections: %v", connections, err)
	}
	n.compareHolds("an audit")
	for _, c := range all {
		c.leave()
	}
	n.advance(Grace + time.Second)
	n.compareHolds("departures")
	n.want("entries that are kept", n.entries(), users)
	n.elapsed += time.Hour // the process was stopped
	n.advance(time.Second)
	n.want("entries", n.entries(), 0)
	n.compareHolds("entries that are forgotten")
}

func (n *node) compareHolds(what string) {
	n.Helper()
	most := n.announcer.most
	for i := range n.hub.shards {
		most = max(most, n.hub.shards[i].most)
	}
	if most > entriesAtOnce+2*ordered.BucketSize {
		n.Errorf("%s: %d entries were looked at under one lock, want at most %d", what, most, entriesAtOnce+2*ordered.BucketSize)
	}
}
