package server

import (
	"strings"
	"testing"
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
		"under their addresses":      func(_ *world, sh *shard) { sh.first().origin.network = 0 },
	} {
		w := newWorld(t, 1, func(o *Options) { o.Reactors, o.MaxPerAddress = 1, 10 })
		w.join("alice")
		if err := w.audit(); err != nil {
			t.Fatalf("an intact node: %v", err)
		}
		damage(w, w.shards()[0])
		if err := w.audit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the audit says %v, want %q", err, want)
		}
	}
}
