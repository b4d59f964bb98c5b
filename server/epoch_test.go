package server

import (
	"encoding/json"
	"testing"

	"momentum/server/cluster"
	"momentum/server/topics"
)

// epochOf connects a client that asks for its position, and returns its epoch.
func epochOf(t *testing.T, w *world, name string, settle func()) (epoch string) {
	t.Helper()
	c := w.dial(name)
	c.Send(upgradeRequest(w.token(name) + "&resume="))
	settle()
	for _, line := range c.received() {
		var m struct {
			Type string `json:"message_type"`
			Data struct{ Epoch string }
		}
		if json.Unmarshal([]byte(line), &m) == nil && m.Type == "welcome" {
			epoch = m.Data.Epoch
		}
	}
	c.HangUp()
	settle()
	return epoch
}

// TestTheEpochOfAClientIsThatOfTheBroadcastAndOfItsOwnChannel holds that two nodes tell the same epoch, and that one node alone
// has an epoch of its own.
func TestTheEpochOfAClientIsThatOfTheBroadcastAndOfItsOwnChannel(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	want := cluster.Epoch(1).String() + cluster.Epoch(1).String()
	for i, w := range c.nodes {
		if got := epochOf(t, w, "alice", c.settle); got != want {
			t.Errorf("node %d tells the epoch %q, want %q", i, got, want)
		}
	}
	c.engine.NewEpoch()
	c.settle()
	want = cluster.Epoch(2).String() + cluster.Epoch(2).String()
	if got := epochOf(t, c.nodes[0], "alice", c.settle); got != want {
		t.Errorf("after a failover it is %q, want %q", got, want)
	}
	alone := newWorld(t, 1, nil)
	if got := epochOf(t, alone, "alice", alone.net.Settle); got == "" || got != alone.server.epoch {
		t.Errorf("a node alone tells the epoch %q, and has %q", got, alone.server.epoch)
	}
}

func TestATopicHasAnEpochOnceTheNodeWasInIt(t *testing.T) {
	c := newCluster(t, 1, 1, 10)
	b := base{node: &c.nodes[0].server.node}
	topic := new(topics.Topic)
	if got := b.topicEpoch(topic); got != "" {
		t.Errorf("%q before the node was in the topic", got)
	}
	b.node.relay.mu.Lock()
	topic.In.Enter(b.node.relay.epochs.number(1))
	b.node.relay.mu.Unlock()
	if got, want := b.topicEpoch(topic), cluster.Epoch(1).String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
