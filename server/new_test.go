package server

import "testing"

func TestANodeHasTheReactorsOfItsOptions(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 3 })
	if n := w.server.Group().Reactors(); n != 3 || len(w.shards()) != 3 {
		t.Errorf("%d reactors and %d shards", n, len(w.shards()))
	}
	if w.server.relay != nil {
		t.Error("a node without a bus has a relay")
	}
}
