package stats

import (
	"sync/atomic"
	"testing"

	"momentum/server/reason"
)

func TestCountersAreAddedUpOverReactors(t *testing.T) {
	n := make(Node, 3)
	for i := range n {
		n[i].Admitted.Add(uint64(i + 1))
		n[i].Unfinished.Store(10)
		n[i].Ended[reason.ClosedSlow].Add(2)
		n[i].Handshakes.Observe(1)
	}
	if got := n.Sum(func(c *Counters) *atomic.Uint64 { return &c.Admitted }); got != 6 {
		t.Errorf("%d admitted, want 6", got)
	}
	if n.Unfinished() != 30 || n.Ended(reason.ClosedSlow) != 6 {
		t.Errorf("%d bytes unfinished, %d slow", n.Unfinished(), n.Ended(reason.ClosedSlow))
	}
	ended := n.ByReason(func(c *Counters) *[reason.Count]atomic.Uint64 { return &c.Ended })
	if len(ended) != 1 || ended["slow"] != 6 {
		t.Errorf("ended: %v", ended)
	}
	if h := n.Histogram(func(c *Counters) *Recorder { return &c.Handshakes }); h.Count() != 3 || h.Sum != 3 {
		t.Errorf("%d handshakes in %v", h.Count(), h.Sum)
	}
}
