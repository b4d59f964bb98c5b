package server

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// TestTheRelayCountsLocalDeliveriesGapsAndPositions cuts a node off, takes its numbers away, and connects it again.
func TestTheRelayCountsLocalDeliveriesGapsAndPositions(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	w := c.nodes[0]
	alice, bob := &traveler{joinedWorlds: c, name: "alice", ids: map[string]bool{}}, w.join("bob")
	alice.connect(w)
	c.settle()
	b := c.engine.Buses()[0]
	b.Cut()
	c.settle()
	bob.text(`{"message_type":"text","data":1}`)
	c.settle()
	if f := w.server.Stats().Cluster; f.State != "local" || f.Local != 1 || f.Gaps != 0 || f.Positions != 0 {
		t.Errorf("cut off, a message is counted as %+v", *f)
	}
	b.Heal()
	c.settle()
	c.engine.NewEpoch()
	c.settle()
	if f := w.server.Stats().Cluster; f.State != "healthy" || f.Positions != 1 {
		t.Errorf("after a failover, the client that can resume is told its position: %+v", *f)
	}
	for range 11 { // one more than are kept
		c.nodes[1].join("carol").text(`{"message_type":"text","data":1}`)
		for c.nodes[1].net.Settle(); c.engine.Buses()[1].Step(); {
			c.nodes[1].net.Settle()
		}
	}
	b.Cut()
	b.Heal()
	c.settle()
	if f := w.server.Stats().Cluster; f.Gaps == 0 || f.Unheld != 0 {
		t.Errorf("after messages that are no longer kept: %+v", *f)
	}
}

// TestAMessageThatFindsNoRoomToWaitIsReadAgain fills the room for messages that wait while the node joins the broadcast.
func TestAMessageThatFindsNoRoomToWaitIsReadAgain(t *testing.T) {
	c := newCluster(t, 1, 1, 10)
	w, b := c.nodes[0], c.engine.Buses()[0]
	bob := w.dial("bob")
	bob.Send(upgradeRequest(w.token("bob")))
	c.settle()
	bob.received()
	b.Cut()
	b.Heal()
	for b.StepUpcall() { // the node asks for its channels
	}
	b.StepCommand() // it is subscribed to the broadcast, and has not read it
	c.engine.Publish(cluster.Channel{}, uuid.Nil, `{"message_type":"text"`)
	w.server.relay.heldBytes = maxHeldBytes
	b.StepPush()
	w.server.relay.heldBytes = 0
	if f := w.server.Stats().Cluster; f.Unheld != 1 {
		t.Errorf("a message without room is counted as %+v", *f)
	}
	c.settle()
	if received := bob.received(); len(received) != 1 || !strings.Contains(received[0], `"seq":1}`) {
		t.Errorf("bob received %q", received)
	}
}

func TestANodeAloneHasNoFiguresOfACluster(t *testing.T) {
	if f := newWorld(t, 1, nil).server.Stats().Cluster; f != nil {
		t.Errorf("%+v", *f)
	}
}
