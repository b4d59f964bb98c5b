package redis

import (
	"fmt"
	"testing"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestNodesKnowEachOther(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a := healthy(t, s.URL())
	b := healthy(t, s.URL())
	for _, p := range []*peer{a, b} {
		p.await("two nodes", func() bool { return len(p.Nodes()) == 2 })
		if n := p.Nodes(); n[0].ID != cluster.NodeID(p.node) || n[1].Users != 7 {
			t.Errorf("%+v", n)
		}
	}
	b.Close()
	a.await("one node", func() bool { return len(a.Nodes()) == 1 })
}

// TestANodeThatWasStoppedJoinsAgain takes the lease of a node away.
func TestANodeThatWasStoppedJoinsAgain(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	lease := func() any { return s.Do(t, "ZRANGE", "mo:nodes", "0", "-1") }
	p.await("lease", func() bool { return fmt.Sprint(lease()) == "[1]" })
	s.Do(t, "ZREM", "mo:nodes", "1")
	p.await("new number", func() bool { return fmt.Sprint(lease()) == "[2]" })
}

func TestANodeWithoutRedisKnowsItself(t *testing.T) {
	p := start(t, "redis://127.0.0.1:1", testHistory)
	if n := p.Nodes(); len(n) != 1 || n[0].Users != 7 || p.SendNote("", nil) {
		t.Errorf("%+v", n)
	}
}
