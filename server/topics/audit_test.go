package topics

import (
	"fmt"
	"strings"
	"testing"

	"momentum/server/history"
)

// TestAuditFindsEachFault puts one fault at a time into a registry.
func TestAuditFindsEachFault(t *testing.T) {
	for want, damage := range map[string]func(r *Registry, t *Topic, s *shard){
		"102 subscriptions are counted as 103":                      func(r *Registry, _ *Topic, _ *shard) { r.subscriptions.Add(1) },
		"presence counts for 44 subscriptions, counted as 45":       func(r *Registry, _ *Topic, _ *shard) { r.rooms.Add(1) },
		"topic news has 1 subscriptions on reactor 1, counted as 2": func(_ *Registry, t *Topic, _ *shard) { t.counts[1]++ },
		"topic news has 2 subscriptions, counted as 3":              func(_ *Registry, t *Topic, _ *shard) { t.total++ },
		"1 of them without subscribers, are counted as":             func(_ *Registry, _ *Topic, s *shard) { s.idle.size++ },
		"topics, 0 of them without subscribers":                     func(_ *Registry, _ *Topic, s *shard) { s.order.Remove(s.idle.first) },
		"keep":                                                      func(r *Registry, _ *Topic, s *shard) { s.history = history.NewStore(limits, 1<<20); post(r, "news", 0) },
	} {
		r, topic, _, _ := asked(t, 0)
		s := r.shardOf([]byte("news"))
		for i := range 100 {
			r.Subscribe(fmt.Append(nil, i), 0, ignore)
		}
		for i := 0; s.idle.size == 0; i++ {
			if name := fmt.Append(nil, "idle", i); r.shardOf(name) == s {
				r.Unsubscribe(r.Subscribe(name, 0, ignore), 0, 0)
			}
		}
		post(r, "news", 0)
		found := func(t *Topic, reactor int) int {
			if reactor == 0 || t == topic {
				return min(1, t.total)
			}
			return 0
		}
		if err := r.Audit(found); err != nil {
			t.Fatalf("an intact registry: %v", err)
		}
		damage(r, topic, s)
		if err := r.Audit(found); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the audit says %v, want %q", err, want)
		}
	}
}
