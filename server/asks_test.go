package server

import (
	"strings"
	"testing"

	"momentum/protocol"
	"momentum/server/cluster"
)

// TestACloneKeepsItsBytes overwrites the buffer from which a message was cloned.
func TestACloneKeepsItsBytes(t *testing.T) {
	buffer := []byte("id data")
	a := ask{kind: protocol.Unsubscribe, id: buffer[:2], data: buffer[3:]}.clone()
	clear(buffer)
	if a.kind != protocol.Unsubscribe || string(a.id) != "id" || string(a.data) != "data" {
		t.Errorf("the clone is %v %q %q", a.kind, a.id, a.data)
	}
}

// TestATopicThatIsNotAllowedIsNotJoined subscribes without rights, on a node of a cluster.
func TestATopicThatIsNotAllowedIsNotJoined(t *testing.T) {
	c := newCluster(t, 1, 1, 10)
	w := c.nodes[0]
	alice := c.join(0, "alice")
	w.shards()[0].rules.TopicsDefault, w.shards()[1].rules.TopicsDefault = nil, nil
	alice.text(`{"message_type":"subscribe","data":{"topics":[{"topic":"secret","seq":1}]}}`)
	w.net.Settle()
	for w.net.Settle(); c.engine.Buses()[0].StepCommand(); {
		if c.engine.Buses()[0].Has(cluster.TopicOf("secret")) {
			t.Error("the node joins the topic")
		}
	}
	if got := strings.Join(alice.received(), ""); !strings.Contains(got, "not_allowed") {
		t.Errorf("alice gets %q", got)
	}
	if n := len(w.server.relay.pending); n != 0 {
		t.Errorf("%d channels are pending", n)
	}
}
