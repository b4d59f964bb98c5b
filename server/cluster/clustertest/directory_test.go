package clustertest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// resident1 is a user of the tests.
var resident1 = uuid.UUID{1}

// crier is a node that records what it is told of users.
type crier struct {
	counter
	moved []string
}

func (c *crier) Moved(list []cluster.Move) {
	for _, m := range list {
		c.moved = append(c.moved, fmt.Sprint(m.Name, m.Here))
	}
}

func TestFirstAndLastNodesOfUsersAreFound(t *testing.T) {
	e := New(10)
	nodes := [2]crier{}
	for i := range nodes {
		if _, err := e.Connect(&nodes[i]); err != nil {
			t.Fatal(err)
		}
	}
	b := e.Buses()
	step := func(n int, here bool, users, doubles int) {
		t.Helper()
		b[n].Move(cluster.Move{User: resident1, Name: "ann", Here: here})
		e.Settle()
		if u, d := b[0].Online(); u != users || d != doubles {
			t.Errorf("%d users, %d doubles", u, d)
		}
	}
	step(0, true, 1, 0)
	step(1, true, 1, 1)
	step(0, false, 1, 0)
	b[1].Cut()
	step(1, false, 1, 0)
	b[1].Expire(b[0])
	e.Settle()
	if !slices.Equal(nodes[0].moved, []string{"anntrue", "annfalse"}) || nodes[1].moved != nil {
		t.Errorf("%q and %q are told", nodes[0].moved, nodes[1].moved)
	}
}
