package server

import (
	"context"
	"strings"
	"testing"

	"momentum/server/auth"
)

func TestADisconnectReachesAllNodes(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	a, b := c.admit(0, "ann"), c.admit(1, "ann")
	got := call(c, func() Closed {
		got, err := c.reach().Disconnect(context.Background(), userID("ann"), "bye", 0)
		if err != nil {
			t.Error(err)
		}
		return got
	})
	if got.Connections != 2 || got.Nodes != 2 || got.Partial.Partial {
		t.Errorf("%+v", got)
	}
	for _, one := range []*client{a, b} {
		if received := one.received(); !strings.Contains(strings.Join(received, " "), "bye") {
			t.Errorf("the client received %q", received)
		}
	}
}

func TestARecordFailsWhileTheBusIsAway(t *testing.T) {
	c := newCluster(t, 1, 1, 10)
	c.engine.Buses()[0].Cut()
	err := call(c, func() error { return c.reach().Record(context.Background(), auth.Ban(userID("ann"), 1)) })
	if err != ErrBusUnavailable {
		t.Error(err)
	}
}

// TestAKeptRevocationReachesANodeThatDidNotAnswer has a node be too busy to answer the question that bans a user.
func TestAKeptRevocationReachesANodeThatDidNotAnswer(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ann := c.admit(1, "ann")
	for range answersAtOnce {
		c.nodes[1].server.peers.busy <- struct{}{}
	}
	ban := auth.Ban(userID("ann"), c.nodes[0].net.Now().Unix()+60)
	err := call(c, func() error { return c.reach().Record(context.Background(), ban) })
	if err != nil {
		t.Error(err)
	}
	c.settle()
	if received := strings.Join(ann.received(), " "); !strings.Contains(received, "close") {
		t.Errorf("the client received %q", received)
	}
}
