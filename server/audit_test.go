package server

import (
	"fmt"
	"strings"
	"testing"

	"momentum/server/history"
	"momentum/server/topics"
)

// TestAuditFindsEachFault puts one fault at a time into the tables of a node at rest.
func TestAuditFindsEachFault(t *testing.T) {
	for want, damage := range map[string]func(w *world, sh *shard){
		"connection slots":           func(w *world, _ *shard) { w.server.slots.Take() },
		"are counted as 2":           func(w *world, _ *shard) { w.server.live.Add(1) },
		"live, counted as 2":         func(_ *world, sh *shard) { sh.alive++ },
		"bytes, counted as":          func(_ *world, sh *shard) { sh.memory.kept++ },
		"replays hold 0 bytes":       func(_ *world, sh *shard) { sh.memory.held++ },
		"keeps 0 bytes, counted as":  func(_ *world, sh *shard) { sh.first().traffic.kept++ },
		"a member of the fan-out is": func(_ *world, sh *shard) { sh.first().state = stateClosing },
		"without a connection":       func(_ *world, sh *shard) { sh.sessions.slot(5).state = stateLive },
		"history of the broadcast":   func(w *world, _ *shard) { keepUncounted(w) },
		"2 subscriptions on reactor": func(_ *world, sh *shard) {
			sh.subscriptions.here[1] = sh.subscriptions.here[2]
		},
		"counted as 2": func(w *world, _ *shard) {
			w.server.topics.Subscribe([]byte("news"), 0, func(*topics.Topic, *history.Store) {})
		},
		"0 subscriptions on reactor": func(_ *world, sh *shard) { sh.fanout.Unsubscribe(sh.first(), 1) },
		"under their addresses":      func(_ *world, sh *shard) { sh.first().origin.counted = false },
	} {
		w := newWorld(t, 1, func(o *Options) { o.Reactors, o.MaxPerAddress = 1, 10 })
		w.join("alice").text(`{"message_type":"subscribe","data":{"topics":["news","sports"]}}`)
		w.net.Settle()
		if err := w.audit(); err != nil {
			t.Fatalf("an intact node: %v", err)
		}
		damage(w, w.shards()[0])
		if err := w.audit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the audit says %v, want %q", err, want)
		}
	}
}

// TestAuditComparesTheListsOfTopics has a topic whose list in the fan-out is longer than the sessions' subscriptions.
func TestAuditComparesTheListsOfTopics(t *testing.T) {
	topic := &topics.Topic{Name: "news"}
	a := &audit{topicCounts: []map[*topics.Topic]*topicCount{{topic: {found: 1, listed: 2}}}}
	if n := a.found(topic, 0); n != 1 || len(a.faults) != 1 || !strings.Contains(a.faults[0].Error(), "lists 2 subscribers") {
		t.Errorf("%d are found: %v", n, a.faults)
	}
}

// TestAuditCountsTopicsInSteps has sessions with more subscriptions in all than a turn looks at.
func TestAuditCountsTopicsInSteps(t *testing.T) {
	const sessions, each = 80, 128
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	for i := range sessions {
		c := w.join(fmt.Sprint("user", i))
		names := make([]string, each)
		for k := range names {
			names[k] = fmt.Sprintf(`"topic%d"`, i*7+k)
		}
		c.text(`{"message_type":"subscribe","data":{"topics":[` + strings.Join(names, ",") + `]}}`)
	}
	w.net.Settle()
	a := w.server.startAudit()
	seen := func() (n int) {
		for _, known := range a.topicCounts[0] {
			n += known.found
		}
		return n
	}
	turns := 0
	for w.net.Step() {
		turns++
	}
	if err := w.server.checkTotals(a); err != nil || seen() != sessions*each || turns < sessions*each/walkBudget {
		t.Errorf("%d subscriptions are found in %d turns: %v", seen(), turns, err)
	}
}
