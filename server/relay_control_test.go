package server

import (
	"context"
	"slices"
	"testing"

	"momentum/server/auth"
)

// TestABanHoldsOnANodeThatWasAway has one node cut off while a user is banned. The user is connected to it.
func TestABanHoldsOnANodeThatWasAway(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	away := c.admit(1, "ann")
	c.engine.Buses()[1].Cut()
	c.settle()
	until := c.nodes[0].net.Now().Unix() + 600
	got := call(c, func() Closed {
		got, err := c.reach().Disconnect(context.Background(), userID("ann"), "", until)
		if err != nil {
			t.Error(err)
		}
		if err := c.reach().Record(context.Background(), auth.Ban(userID("ann"), until)); err != nil {
			t.Error(err)
		}
		return got
	})
	if got.Nodes != 1 || !slices.Equal(got.Missing, []string{"node1"}) {
		t.Errorf("%+v", got)
	}
	away.received()
	c.engine.Buses()[1].Heal()
	c.settle()
	if received := away.received(); len(received) == 0 {
		t.Error("the user is still connected to the node that was away")
	}
	if n := c.nodes[1].server.RevokedUntil(auth.Ban(userID("ann"), until)); n != until {
		t.Errorf("the ban ends at %d there, not %d", n, until)
	}
}
