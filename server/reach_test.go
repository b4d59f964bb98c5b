package server

import (
	"context"
	"slices"
	"testing"
)

// call runs an administrator's call while the cluster goes on.
func call[A any](c *joinedWorlds, do func() A) (a A) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a = do()
	}()
	for {
		select {
		case <-done:
			return a
		default:
			c.settle()
		}
	}
}

// reach makes calls of an administrator of the first node.
func (c *joinedWorlds) reach() Reach { return c.nodes[0].server.Reach(false) }

// admit connects a user to a node.
func (c *joinedWorlds) admit(node int, name string) *client {
	w := c.nodes[node]
	client := w.dial(name)
	client.Send(upgradeRequest(w.token(name)))
	c.settle()
	return client
}

func TestMissingNodesAreNamed(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	c.engine.Buses()[2].Deaf = true
	p := call(c, func() ClusterStats {
		s, err := c.reach().Stats(context.Background())
		if err != nil {
			t.Error(err)
		}
		return s
	})
	if !p.Partial.Partial || !slices.Equal(p.Missing, []string{"node2"}) {
		t.Errorf("the answer lacks %v", p.Missing)
	}
	if len(p.Nodes) != 3 || !p.Nodes[0].Answered || !p.Nodes[1].Answered || p.Nodes[2].Answered || p.Cluster.State != "healthy" {
		t.Errorf("%+v %+v", p.Nodes, p.Cluster)
	}
}
