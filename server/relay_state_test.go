package server

import (
	"errors"
	"testing"

	"momentum/server/cluster"
)

// TestAllChannelsAreJoinedAgain connects a node again that has members in each kind of channel.
func TestAllChannelsAreJoinedAgain(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	bus, s := c.engine.Buses()[0], c.nodes[0].server
	alice := c.join(0, "alice")
	c.sends(alice, `{"message_type":"subscribe","data":{"topics":["news"]}}`)
	bus.Cut()
	c.settle()
	if err := s.ClusterFault(); !errors.Is(err, ErrDegraded) {
		t.Errorf("cut off: %v", err)
	}
	for range 2 { // the second time, no epoch is new
		bus.Heal()
		c.settle()
		for _, channel := range []cluster.Channel{{}, cluster.DirectOf(userID("alice")), cluster.TopicOf("news")} {
			if !bus.Has(channel) {
				t.Errorf("the node is not in %+v", channel)
			}
		}
	}
	if err := s.ClusterFault(); err != nil {
		t.Errorf("connected again: %v", err)
	}
	if w := newWorld(t, 1, nil); w.server.ClusterFault() != nil {
		t.Error("a node that is alone is degraded")
	}
}
