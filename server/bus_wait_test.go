package server

import (
	"strings"
	"testing"
	"time"

	"momentum/server/cluster"
)

// hears reports whether a client has received a text since it was asked last.
func hears(c *client, text string) bool { return strings.Contains(strings.Join(c.heard(), "\n"), text) }

func direct(id, to string) string {
	return `{"id":"` + id + `","message_type":"text","to_user_id":"` + userID(to).String() + `"}`
}

// TestAClientConnectsWhileTheBusIsAway has a client connect to a node that cannot reach the others. It is not refused, and gets messages
// of other nodes when they can be reached again.
func TestAClientConnectsWhileTheBusIsAway(t *testing.T) {
	c := newCluster(t, 1, 2, 60)
	bus := c.engine.Buses()[0]
	for _, fault := range []struct {
		name       string
		begin, end func()
	}{{"cut", bus.Cut, bus.Heal}, {"refuses", bus.Refuse, bus.Accept}} {
		fault.begin()
		c.settle()
		alice := c.nodes[0].dial("alice")
		alice.Send(upgradeRequest(c.nodes[0].token("alice")))
		alice.text(`{"message_type":"subscribe","data":{"topics":["topic2"]}}`)
		c.nodes[0].net.Settle() // without the bus
		if !hears(alice, `"subscribed"`) {
			t.Errorf("%s: a client waits for the bus", fault.name)
		}
		c.settle()
		fault.end()
		c.settle()
		bob := c.nodes[1].join("bob")
		bob.text(direct("d-"+fault.name, "alice"))
		bob.text(`{"id":"t-` + fault.name + `","message_type":"text","topic":"topic2"}`)
		c.settle()
		if heard := strings.Join(alice.heard(), "\n"); !strings.Contains(heard, "d-"+fault.name) || !strings.Contains(heard, "t-"+fault.name) {
			t.Errorf("%s: the client has received %s", fault.name, heard)
		}
		alice.HangUp()
		bob.HangUp()
		c.settle()
	}
}

// TestAClientResumesAlthoughAnAttemptToJoinFails has the bus fail while a client waits that has missed a message. The client waits again,
// and gets the message.
func TestAClientResumesAlthoughAnAttemptToJoinFails(t *testing.T) {
	c := newCluster(t, 1, 2, 60)
	r := &traveler{joinedWorlds: c, name: "alice", ids: make(map[string]bool)}
	r.connect(c.nodes[0])
	c.settle()
	r.read()
	bob := c.nodes[1].join("bob")
	r.now.HangUp()
	c.settle()
	bob.text(direct("missed", "alice"))
	c.settle()
	bus := c.engine.Buses()[1]
	bus.RefuseOnce(cluster.DirectOf(userID("alice")))
	r.connect(c.nodes[1])
	c.settle()
	if !hears(r.now, `"id":"missed"`) {
		t.Error("the client has not received what it missed")
	}
}

// TestAMemberIsJoinedAfterTheBusWasTooSlow has the answer to a join come late, again and again, although the bus works. The client gets
// messages when it is no longer slow.
func TestAMemberIsJoinedAfterTheBusWasTooSlow(t *testing.T) {
	c := newCluster(t, 1, 2, 60)
	bus := c.engine.Buses()[0]
	alice := c.nodes[0].dial("alice")
	alice.Send(upgradeRequest(c.nodes[0].token("alice")))
	for range mostBusWaits + 1 {
		bus.RefuseOnce(cluster.DirectOf(userID("alice")))
		c.nodes[0].net.Settle()
		c.nodes[0].net.Advance(retryAfter)
		c.settleOnce(bus.Step)
	}
	c.settle()
	c.nodes[0].net.Advance(time.Millisecond)
	c.settle()
	bob := c.nodes[1].join("bob")
	bob.text(direct("d", "alice"))
	c.settle()
	if !hears(alice, `"id":"d"`) {
		t.Error("the client is not in its channel")
	}
}

// settleOnce runs something until nothing is left to do.
func (c *joinedWorlds) settleOnce(step func() bool) {
	for step() {
	}
}
