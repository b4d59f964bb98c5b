package clustertest

import (
	"testing"

	"momentum/server/cluster"
)

func TestMessagesThatWaitForTooLongAreGivenUp(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	e.Settle()
	l.said = nil
	l.bus.Publish(cluster.Message{To: everybody, JSON: []byte("a"), Ref: "a"})
	l.bus.StepCommand()
	l.bus.Break()
	l.bus.Publish(cluster.Message{To: everybody, JSON: []byte("b"), Ref: "b"})
	e.Settle()
	e.Pass(holdTime)
	e.Settle()
	unavailable := " at 0, 0 nodes, " + cluster.ErrUnavailable.Error()
	l.hears(t, "held, 0 epochs", "local, 0 epochs", "settled b"+unavailable)
	e.Pass(retryTime)
	e.Settle()
	l.hears(t, "settled a"+unavailable)
}

func TestAMessageThatTheReplicaLacksIsPublishedAgain(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	l.bus.Publish(cluster.Message{To: everybody, JSON: []byte("a"), Ref: "a"})
	l.bus.StepCommand()
	l.bus.Break()
	e.TakeBack(1)
	if len(e.Log) != 0 {
		t.Error("nothing is lost")
	}
	l.bus.Heal()
	if len(e.Log) != 1 {
		t.Error("it is not published again")
	}
}
