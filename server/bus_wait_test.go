package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/server/cluster"
)

// TestAClientAheadOfItsNodeGetsTheRest has a client come back to a node that lacks messages which the client, or another node, has had.
func TestAClientAheadOfItsNodeGetsTheRest(t *testing.T) {
	for _, had := range []int{1, 2, 3} {
		c := newCluster(t, 1, 1, 100)
		w, bus := c.nodes[0], c.engine.Buses()[0]
		c.join(0, "alice") // keeps the node in the channel
		bus.Deaf = true
		for range 3 {
			c.engine.Publish(cluster.Channel{}, userID("bob"), `{"id":"b"`)
			c.engine.Publish(cluster.DirectOf(userID("alice")), userID("bob"), `{"id":"d"`)
		}
		c.settle()
		bus.Deaf = false
		again := w.dial("alice")
		again.Send(upgradeRequest(w.token("alice") + fmt.Sprintf("&resume=AAAAAAEAAAAAAE.%d.%d", had, had)))
		c.settle()
		got := again.received()
		want := fmt.Sprintf(`"broadcast":3,"direct":3,"resumed":true,"missed":%d}`, 2*(3-had))
		if len(got) != 2+2*(3-had) || !strings.Contains(got[1], want) {
			t.Errorf("after %d: %q, want %s", had, got, want)
		}
	}
}

// TestAHandshakeIsAdmittedWithoutTheBus cuts the node off: clients connect, and are told that their position is unknown.
func TestAHandshakeIsAdmittedWithoutTheBus(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	c.engine.Buses()[0].Cut()
	c.settle()
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.token("alice") + "&resume=AAAAAAEAAAAAAE.0.0"))
	c.settle()
	if got := alice.received(); len(got) != 2 || !strings.Contains(got[1], `"resumed":false,"reason":"unknown"`) {
		t.Errorf("%q", got)
	}
	c.engine.Buses()[0].Heal()
	c.settle()
	if got := alice.received(); len(got) != 1 || !strings.Contains(got[0], `"message_type":"position"`) {
		t.Errorf("connected again: %q", got)
	}
}

// hasReceived reports whether a client has received a text since it was asked last.
func hasReceived(c *client, text string) bool {
	return strings.Contains(strings.Join(c.received(), "\n"), text)
}

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
		if !hasReceived(alice, `"subscribed"`) {
			t.Errorf("%s: a client waits for the bus", fault.name)
		}
		c.settle()
		fault.end()
		c.settle()
		c.nodes[0].net.Advance(time.Second) // a tick
		c.settle()
		bob := c.nodes[1].join("bob")
		bob.text(direct("d-"+fault.name, "alice"))
		bob.text(`{"id":"t-` + fault.name + `","message_type":"text","topic":"topic2"}`)
		c.settle()
		if received := strings.Join(alice.received(), "\n"); !strings.Contains(received, "d-"+fault.name) || !strings.Contains(received, "t-"+fault.name) {
			t.Errorf("%s: the client has received %s", fault.name, received)
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
	if !hasReceived(r.now, `"id":"missed"`) {
		t.Error("the client has not received what it missed")
	}
}

// TestAClientResumesOnANodeThatStarts has a client come back to a node that is not connected with the others yet, with a position of their
// epoch. It waits for the node, and gets what it has missed.
func TestAClientResumesOnANodeThatStarts(t *testing.T) {
	c := newCluster(t, 1, 2, 60)
	r := &traveler{joinedWorlds: c, name: "alice", ids: make(map[string]bool)}
	r.connect(c.nodes[0])
	c.settle()
	bob := c.nodes[1].join("bob")
	bob.text(direct("had", "alice"))
	c.settle()
	r.read()
	r.now.HangUp()
	c.settle()
	bob.text(direct("missed", "alice"))
	c.settle()
	c.engine.Apart = true
	started := c.add(1)
	bus := c.engine.Buses()[2]
	r.connect(started)
	started.net.Settle() // the bus is being connected
	bus.Attach()
	c.settle()
	if received := strings.Join(r.now.received(), "\n"); !strings.Contains(received, `"resumed":true`) || !strings.Contains(received, `"id":"missed"`) {
		t.Errorf("the client has received %s", received)
	}
	bus.Accept()
	c.settle()
}

// TestMembersGetMessagesSentBeforeTheirNodeWasBack has Redis restarted with its data, which begins an epoch. One node is connected before
// the other, and its client sends at once.
func TestMembersGetMessagesSentBeforeTheirNodeWasBack(t *testing.T) {
	c := newCluster(t, 1, 2, 60)
	alice, bob := c.nodes[0].join("alice"), c.nodes[1].join("bob")
	c.settle()
	send := func(id string) {
		bob.text(direct("direct-"+id, "alice"))
		bob.text(`{"id":"all-` + id + `","message_type":"text"}`)
		c.settle()
	}
	send("before")
	alice.received()
	c.engine.NewEpoch()
	for _, b := range c.engine.Buses() {
		b.Cut()
	}
	c.settle()
	c.engine.Buses()[1].Heal()
	c.settle()
	send("between")
	c.engine.Buses()[0].Heal()
	c.settle()
	send("after")
	received := strings.Join(alice.received(), "\n")
	for _, id := range []string{"direct-between", "all-between", "direct-after", "all-after"} {
		if strings.Count(received, `"`+id+`"`) != 1 {
			t.Errorf("the client has not received %s once: %s", id, received)
		}
	}
	if strings.Contains(received, "-before") {
		t.Error("the client has received a message twice")
	}
}
