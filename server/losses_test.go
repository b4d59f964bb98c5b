package server

import (
	"strings"
	"testing"
	"time"
)

// overload has a reactor refuse messages.
func (w *world) overload(reactor int, on bool) {
	bytes := int64(0)
	if on {
		bytes = backlogBytes + 1
	}
	w.server.counters[reactor].Waits.Store(bytes)
	w.server.counters[reactor].Queued.Store(bytes)
}

// TestClientsGetAGapForMessagesThatAReactorCouldNotTake overloads the reactor of a receiver during some messages.
func TestClientsGetAGapForMessagesThatAReactorCouldNotTake(t *testing.T) {
	c := newCluster(t, 1, 2, 100)
	w := c.nodes[0]
	bob, alice := c.join(0, "bob"), c.join(1, "alice")
	bob.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	c.settle()
	bob.received()
	for _, tt := range []struct{ name, message, gap string }{
		{"the broadcast", `{"message_type":"text"}`, `"data":{"channel":"broadcast","from":1,"to":3}`},
		{"direct messages", `{"message_type":"text",` + to("bob") + `}`, `"data":{"channel":"direct","from":1,"to":3}`},
		{"a topic", `{"message_type":"text","topic":"news"}`, `"data":{"channel":"topic","topic":"news","from":1,"to":3}`},
	} {
		for range 3 {
			alice.text(tt.message)
		}
		c.nodes[1].net.Settle()
		w.overload(0, true)
		w.overload(1, true)
		c.engine.Settle()
		w.overload(0, false)
		w.overload(1, false)
		alice.text(tt.message)
		c.settle()
		if got := bob.received(); len(got) != 2 || !strings.Contains(got[0], tt.gap) || !strings.Contains(got[1], `"seq":4`) {
			t.Errorf("%s: %q, want %s", tt.name, got, tt.gap)
		}
	}
}

// TestALossIsReportedInTheNextTick has no message follow.
func TestALossIsReportedInTheNextTick(t *testing.T) {
	c := newCluster(t, 1, 2, 100)
	w := c.nodes[0]
	bob, alice := c.join(0, "bob"), c.join(1, "alice")
	alice.text(`{"message_type":"text"}`)
	c.nodes[1].net.Settle()
	w.overload(0, true)
	w.overload(1, true)
	c.engine.Settle()
	w.net.Advance(time.Second)
	c.settle()
	if got := bob.received(); len(got) != 1 || !strings.Contains(got[0], `"from":1,"to":1`) {
		t.Errorf("%q", got)
	}
}
