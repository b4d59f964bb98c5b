package server

import (
	"context"
	"testing"
)

func TestFiguresAndCleanUpsAreAddedUp(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	c.admit(0, "ann")
	c.admit(1, "bob")
	c.admit(1, "cid")
	s := call(c, func() ClusterStats { s, _ := c.reach().Stats(context.Background()); return s })
	if s.TotalConnections != 3 || s.UniqueUsers != 3 || s.Sockets != 1 {
		t.Errorf("%d connections of %d users, %d sockets here", s.TotalConnections, s.UniqueUsers, s.Sockets)
	}
	n := call(c, func() CleanupCount { n, _, _ := c.reach().Cleanup(context.Background()); return n })
	if n.Remaining != 3 || n.Cleaned != 0 {
		t.Errorf("%+v", n)
	}
}
