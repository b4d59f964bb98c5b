package clustertest

import (
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func TestAnEngineThatRestartsEmptyHasLostEverything(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	lost := 0
	e.Lost = func(cluster.Delivery) { lost++ }
	l.bus.Move(cluster.Move{User: resident1, Here: true})
	once := cluster.Message{To: everybody, Once: cluster.Once{ID: []byte(`"a"`)}}
	l.bus.Publish(once)
	e.Settle()
	l.bus.Break()
	e.Flush()
	if lost != 1 || e.Seq(everybody) != 0 || e.Epoch() != 2 || len(e.Residents()) != 0 {
		t.Errorf("%d messages are lost, %d users are left", lost, len(e.Residents()))
	}
	l.bus.Heal()
	l.bus.Publish(once)
	if e.Settle(); len(e.Log) != 1 {
		t.Error("the message is not published again")
	}
}

func TestANewEpochWithoutALossKeepsTheNumbers(t *testing.T) {
	e := New(10)
	e.Publish(everybody, uuid.Nil, "a")
	e.Restart()
	if n := e.Publish(everybody, uuid.Nil, "b"); n != 2 {
		t.Errorf("the next number is %d", n)
	}
	if e.NewEpoch(); e.Epoch() != 3 {
		t.Errorf("the epoch is %v", e.Epoch())
	}
}

func TestAForgottenChannelGetsNewNumbers(t *testing.T) {
	e := New(10)
	published := 0
	e.Published = func(cluster.Delivery) { published++ }
	e.Publish(everybody, uuid.Nil, "a")
	e.Forget(everybody)
	if n := e.Publish(everybody, uuid.Nil, "b"); n != 1<<17+1 || published != 2 {
		t.Errorf("the next number is %d", n)
	}
}

func TestAReplicaMayLackMoves(t *testing.T) {
	e, _ := meet(t)
	e.Lose(1)
	if len(e.Residents()) != 0 {
		t.Error("the user is there before the node has said so again")
	}
}
