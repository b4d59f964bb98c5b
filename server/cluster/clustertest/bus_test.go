package clustertest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// listener writes down the calls of its bus.
type listener struct {
	bus     *Bus
	said    []string
	noticed [][]byte
}

func (l *listener) say(format string, args ...any) {
	l.said = append(l.said, fmt.Sprintf(format, args...))
}

func (l *listener) Enroll()              {}
func (l *listener) Moved([]cluster.Move) {}

func (l *listener) Deliver(d []cluster.Delivery) { l.say("deliver %d %s", d[0].Seq, d[0].JSON) }
func (l *listener) Joined(j []cluster.Joined) {
	l.say("joined at %d, %d kept, %v", j[0].Seq, len(j[0].Kept), j[0].Err)
}
func (l *listener) Settled(o []cluster.Outcome) {
	l.say("settled %v at %d, %d nodes, %v", o[0].Ref, o[0].Seq, o[0].Nodes, o[0].Err)
}
func (l *listener) Changed(s cluster.State, e []cluster.Epoch) {
	l.say("%v, %d epochs", s, len(e))
}

func (l *listener) ReceiveNote(cluster.NodeID, []byte) {}
func (l *listener) Noticed(texts [][]byte)             { l.noticed = texts }
func (l *listener) Describe() (i cluster.Info)         { return i }

// hears fails the test unless the listener was called in this way since the last time.
func (l *listener) hears(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(l.said, want) {
		t.Errorf("the node is told %q, want %q", l.said, want)
	}
	l.said = nil
}

func listen(t *testing.T, e *Engine) *listener {
	t.Helper()
	l := new(listener)
	b, err := e.Connect(l)
	if err != nil {
		t.Fatal(err)
	}
	l.bus = b.(*Bus)
	return l
}

var everybody cluster.Channel

func TestNothingHappensWithoutAStep(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	l.bus.Join(cluster.Arrival{Channel: everybody, After: 0})
	l.bus.Publish(cluster.Message{To: everybody, JSON: []byte("a"), Ref: "x"})
	l.hears(t)
	for range 3 {
		l.bus.StepCommand() // subscribes, reads, publishes
	}
	l.hears(t)
	if !l.bus.Has(everybody) || e.Seq(everybody) != 1 {
		t.Error("the node is not in the channel, or has not published")
	}
	e.Settle()
	l.hears(t, "healthy, 1 epochs", "joined at 0, 0 kept, <nil>", "settled x at 1, 1 nodes, <nil>", "deliver 1 a")
	if l.bus.Step() {
		t.Error("there is something left to do")
	}
}

func TestANodeThatIsCutOffGetsItsMessagesBack(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	l.bus.Join(cluster.Arrival{Channel: everybody})
	e.Settle()
	l.said = nil
	e.Publish(everybody, uuid.Nil, "on its way")
	l.bus.Cut()
	l.bus.Publish(cluster.Message{JSON: []byte("b"), Ref: "x"})
	l.bus.Join(cluster.Arrival{Channel: everybody})
	e.Settle()
	l.hears(t, "local, 0 epochs", "settled x at 0, 0 nodes, "+cluster.ErrUnavailable.Error(), "joined at 0, 0 kept, "+cluster.ErrUnavailable.Error())
	if l.bus.State() != cluster.Local {
		t.Errorf("it is %v", l.bus.State())
	}
	l.bus.Heal()
	l.bus.Join(cluster.Arrival{Channel: everybody, After: 0})
	e.Settle()
	l.hears(t, "healthy, 1 epochs", "joined at 1, 1 kept, <nil>")
}

func TestADeafBusLosesMessages(t *testing.T) {
	e := New(10)
	l := listen(t, e)
	l.bus.Join(cluster.Arrival{Channel: everybody})
	e.Settle()
	l.said = nil
	l.bus.Deaf = true
	e.Publish(everybody, uuid.Nil, "a")
	e.Settle()
	l.hears(t)
	l.bus.Deaf = false
	e.Publish(everybody, uuid.Nil, "b")
	e.Settle()
	l.hears(t, "deliver 2 b")
	l.bus.Leave(everybody)
	e.Settle()
	e.Publish(everybody, uuid.Nil, "c")
	e.Settle()
	l.hears(t)
}
