package server

import (
	"strings"
	"testing"

	"momentum/server/cluster"
)

// TestOnlyTheNextMessageIsDelivered gives a node messages that it has had, that are of another epoch, and that come too early.
func TestOnlyTheNextMessageIsDelivered(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	alice := c.join(0, "alice")
	message := func(epoch cluster.Epoch, seq uint64, id string) cluster.Delivery {
		return cluster.Delivery{Channel: cluster.Channel{}, Epoch: epoch, Seq: seq, JSON: []byte(`{"id":"` + id + `"`)}
	}
	c.engine.Publish(cluster.Channel{}, userID("bob"), `{"id":"one"`)
	c.settle()
	alice.heard()
	w.server.relay.Deliver([]cluster.Delivery{message(1, 1, "again"), message(2, 2, "other"), message(1, 3, "three")})
	w.net.Settle()
	if got := alice.heard(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	c.engine.Publish(cluster.Channel{}, userID("bob"), `{"id":"two"`)
	c.settle() // the node has asked for what is missing before the third
	got := strings.Join(alice.heard(), "\n")
	if two, three := strings.Index(got, `"two"`), strings.Index(got, `"three"`); two < 0 || three < two || strings.Contains(got, "again") || strings.Contains(got, "other") {
		t.Errorf("%s", got)
	}
}
