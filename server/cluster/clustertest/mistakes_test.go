package clustertest

import (
	"testing"
	"time"

	"momentum/server/cluster"
)

func TestABusCanMakeMistakes(t *testing.T) {
	e := New(10)
	e.Mistakes = Mistakes{StaleEpoch: true, RetriesBlindly: true, JoinsEarly: true, SweepsNobody: true}
	l, other := listen(t, e), listen(t, e)
	l.bus.Join(cluster.Arrival{Channel: everybody})
	if l.bus.StepCommand(); l.bus.Has(everybody) {
		t.Error("the node is subscribed before the answer")
	}
	l.bus.Publish(cluster.Message{To: everybody, JSON: []byte("a")})
	l.bus.Move(cluster.Move{User: resident1, Here: true})
	for l.bus.StepCommand() {
	}
	l.bus.Break()
	e.Restart()
	l.bus.Heal()
	if len(e.Log) != 2 {
		t.Errorf("%d messages are published, want one twice", len(e.Log))
	}
	if l.bus.known == e.Epoch() {
		t.Error("the bus has the new epoch")
	}
	l.bus.Kill()
	e.Pass(leaseTime)
	if len(e.Residents()) != 1 || len(other.bus.Nodes()) != 1 {
		t.Error("the users of the node are swept, or it is there")
	}
}

func TestABusCanAcknowledgeEarlyAndKeepUsers(t *testing.T) {
	e := New(10)
	e.Mistakes = Mistakes{AcksEarly: true, LosesDepartures: true, ForgetsNotices: true}
	l := listen(t, e)
	e.Settle()
	for _, here := range []bool{true, false} {
		l.bus.Move(cluster.Move{User: resident1, Here: here})
	}
	l.bus.Keep(cluster.Notice{}, func(error) {})
	e.Settle()
	l.bus.Break()
	e.Settle()
	l.said = nil
	l.bus.Publish(cluster.Message{To: everybody, Ref: "a"})
	e.Settle()
	l.hears(t, "settled a at 1, 1 nodes, <nil>")
	if len(e.Log) != 0 || len(e.Residents()) != 1 || len(e.notices) != 0 {
		t.Error("the bus makes no mistake")
	}
	e.Pass(time.Second)
}
