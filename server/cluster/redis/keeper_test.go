package redis

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

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

// TestTheKeeperLogsARefusalOnce lacks rights for several intervals, twice, and has them between.
func TestTheKeeperLogsARefusalOnce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	a, _ := p.current()
	var log bytes.Buffer
	now, lost := time.Now(), 0
	o := Options{Node: p, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now }}
	k := newKeeper(&o, "node", func() *attachment { return a }, func(func(cluster.Node)) {})
	for _, sign := range []string{"+", "-", "-", "-", "+", "-", "-"} {
		s.Do(t, "ACL", "SETUSER", "default", sign+"zadd", sign+"hsetnx")
		now = now.Add(leaseInterval)
		k.step(true)
		k.directory.moves.add(cluster.Move{User: user(1).User, Here: true})
		k.kept.add(keep{text: fmt.Sprint(now), until: "inf", done: func(err error) {
			if err != nil {
				lost++
			}
		}})
		k.step(false)
	}
	if lost != 5 {
		t.Errorf("%d notices were refused", lost)
	}
	for _, what := range []string{"the node", "notices", "users"} {
		if n := strings.Count(log.String(), "Redis refuses "+what); n != 2 {
			t.Errorf("%q was logged %d times:\n%s", what, n, log.String())
		}
	}
}
