package clustertest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// TestAnswersOnTheirWayAreLostWithTheConnection has a message of unknown outcome, and one that waits.
func TestAnswersOnTheirWayAreLostWithTheConnection(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	e.Settle()
	l.said = nil
	l.bus.Publish(cluster.Message{To: everybody, JSON: []byte("a"), Ref: "a"})
	l.bus.Join(cluster.Arrival{Channel: everybody})
	for range 3 {
		l.bus.StepCommand()
	}
	l.bus.Break()
	l.bus.Publish(cluster.Message{To: everybody, JSON: []byte("b"), Ref: "b"})
	e.Settle()
	l.hears(t, "joined at 0, 0 kept, "+cluster.ErrUnavailable.Error(), "held, 0 epochs")
	if !l.bus.Away() {
		t.Error("the node is connected")
	}
	l.bus.Heal()
	e.Settle()
	l.hears(t, "healthy, 1 epochs", "settled a at 1, 0 nodes, <nil>", "settled b at 2, 0 nodes, <nil>")
	if len(e.Log) != 2 {
		t.Errorf("%d messages are published", len(e.Log))
	}
}

func TestADeafBusFindsOutAndHoldsMessagesForAWhile(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	e.Settle()
	l.bus.Deaf = true
	e.Pass(deafTime - time.Second)
	if l.bus.Away() {
		t.Error("it finds out at once")
	}
	e.Pass(time.Second)
	e.Settle()
	if !l.bus.Away() || l.bus.State() != cluster.Held {
		t.Errorf("after %v it is %v", deafTime, l.bus.State())
	}
	e.Pass(holdTime)
	e.Settle()
	if l.bus.State() != cluster.Local {
		t.Errorf("after %v more it is %v", holdTime, l.bus.State())
	}
}

func TestAMessageMayComeTwice(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	l.bus.Join(cluster.Arrival{Channel: everybody})
	e.Settle()
	l.said = nil
	l.bus.Repeat()
	e.Publish(everybody, uuid.Nil, "a")
	e.Publish(everybody, uuid.Nil, "b")
	l.bus.Repeat()
	e.Settle()
	l.hears(t, "deliver 1 a", "deliver 1 a", "deliver 2 b")
}
