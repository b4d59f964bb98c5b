package server

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"momentum/server/ends"
)

func TestEndsOfAllNodesAreMerged(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	for i := range 6 {
		c.admit(i%3, fmt.Sprint("user", i)).HangUp()
		c.settle()
		for _, w := range c.nodes {
			w.net.Advance(1e9)
		}
	}
	var nodes []string
	for after, more := (EndPlace{}), true; more; {
		p := call(c, func() Page[EndRow] {
			p, err := c.reach().Ends(context.Background(), EndFilter{Kind: ends.Session}, after, 2)
			if err != nil {
				t.Error(err)
			}
			return p
		})
		if p.Count != 6 || p.Partial.Partial {
			t.Fatalf("%+v", p)
		}
		for _, row := range p.Rows {
			nodes = append(nodes, row.Node)
			after = row.Place()
		}
		more = p.More
	}
	if want := []string{"node2", "node1", "node0", "node2", "node1", "node0"}; !slices.Equal(nodes, want) {
		t.Errorf("the nodes are %v, want %v", nodes, want)
	}
}
