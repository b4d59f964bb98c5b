package clustertest

import (
	"fmt"
	"slices"
	"testing"
	"time"

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

// meet connects two nodes, and has a user come to the first.
func meet(t *testing.T) (e *Engine, nodes *[2]crier) {
	t.Helper()
	e, nodes = New(10), new([2]crier)
	for i := range nodes {
		if _, err := e.Connect(&nodes[i]); err != nil {
			t.Fatal(err)
		}
	}
	e.Buses()[0].Move(cluster.Move{User: resident1, Name: "ann", Here: true})
	e.Settle()
	nodes[0].moved = nil
	return e, nodes
}

func TestTheUsersOfANodeThatDiesAreSweptAfterItsLease(t *testing.T) {
	e, nodes := meet(t)
	e.Buses()[0].Kill()
	e.Pass(leaseTime - time.Second)
	if len(e.Residents()) != 1 {
		t.Error("they are swept at once")
	}
	e.Pass(time.Second)
	e.Settle()
	if !slices.Equal(nodes[1].moved, []string{"annfalse"}) || len(e.Residents()) != 0 || len(e.Buses()[1].Nodes()) != 1 {
		t.Errorf("%q are told, %d users are left", nodes[1].moved, len(e.Residents()))
	}
}

func TestTheUsersOfANodeThatIsClosedAreSweptAtOnce(t *testing.T) {
	e, nodes := meet(t)
	e.Buses()[0].Publish(cluster.Message{To: everybody})
	e.Buses()[0].Close()
	e.Pass(time.Second)
	e.Settle()
	if !slices.Equal(nodes[1].moved, []string{"annfalse"}) || len(e.Log) != 1 {
		t.Errorf("%q are told, %d messages are published", nodes[1].moved, len(e.Log))
	}
}

func TestANodeThatWakesAfterItsLeaseGetsAnother(t *testing.T) {
	e, _ := meet(t)
	b := e.Buses()[0]
	before := b.number
	b.Stopped = true
	e.Pass(leaseTime)
	if e.Settle(); !b.expired || b.Step() {
		t.Errorf("expired: %v", b.expired)
	}
	b.Stopped = false
	e.Pass(renewEvery)
	if b.expired || b.number == before {
		t.Error("it has no lease")
	}
}

func TestLeasesLastWhileNoNodeCanRenewThem(t *testing.T) {
	e, _ := meet(t)
	for _, b := range e.Buses() {
		b.Break()
	}
	e.Pass(2 * leaseTime)
	if len(e.Residents()) != 1 {
		t.Error("a lease has ended")
	}
}
