package server

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/serial"
	"momentum/server/cluster"
)

// TestAHandshakeWaitsUntilTheNodeIsInItsChannel runs the node and the bus one after the other.
func TestAHandshakeWaitsUntilTheNodeIsInItsChannel(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w, bus := c.nodes[0], c.engine.Buses()[0]
	alice := w.join("alice")
	if got := alice.received(); len(got) != 0 {
		t.Fatalf("before the node is in the channel: %q", got)
	}
	c.settle()
	if got := alice.received(); len(got) != 1 || got[0] != "101" {
		t.Fatalf("after that: %q", got)
	}
	again := w.join("alice")
	if got := again.received(); len(got) != 1 || got[0] != "101" {
		t.Errorf("a second connection: %q", got)
	}
	alice.HangUp()
	c.settle()
	if !bus.Has(cluster.DirectOf(userID("alice"))) {
		t.Error("the node has left the channel of a user that is here")
	}
	again.HangUp()
	c.settle()
	if bus.Has(cluster.DirectOf(userID("alice"))) {
		t.Error("the node is in the channel of a user that has left")
	}
}

func TestANodeLeavesTheChannelOfAClientThatGaveUp(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	alice := c.nodes[0].join("alice")
	alice.HangUp()
	c.settle()
	if c.engine.Buses()[0].Has(cluster.DirectOf(userID("alice"))) {
		t.Error("the node is still in the channel")
	}
	if n := len(c.nodes[0].server.relay.pending); n != 0 {
		t.Errorf("%d channels are pending", n)
	}
}

// TestAChannelThatCouldNotBeJoinedIsAskedForAgain has the bus refuse once, though it works.
func TestAChannelThatCouldNotBeJoinedIsAskedForAgain(t *testing.T) {
	c := newCluster(t, 1, 2, 100)
	c.engine.Buses()[0].RefuseJoins = maxBusWaits + 1
	alice, bob := c.join(0, "alice"), c.join(1, "bob")
	if got := c.sends(bob, `{"id":"1","message_type":"text",`+to("alice")+`}`); len(got) != 1 {
		t.Fatalf("the node is in the channel: %q", got)
	}
	alice.received() // that bob has arrived
	c.nodes[0].net.Advance(time.Second)
	c.settle()
	if got := c.sends(bob, `{"id":"2","message_type":"text",`+to("alice")+`}`); len(got) != 0 {
		t.Errorf("%q", got)
	}
	if got := alice.received(); len(got) != 1 || !strings.Contains(got[0], `"id":"2"`) {
		t.Errorf("alice gets %q", got)
	}
}

// TestMessagesThatCannotBeHeldAreReadLater has more messages come while a channel is completed than the node holds.
func TestMessagesThatCannotBeHeldAreReadLater(t *testing.T) {
	c := newCluster(t, 1, 1, 1000)
	alice := c.join(0, "alice")
	bus := c.engine.Buses()[0]
	channel := cluster.DirectOf(userID("alice"))
	bus.Deaf = true
	c.engine.Publish(channel, userID("bob"), `{"id":"1"`)
	c.settle()
	bus.Deaf = false
	c.nodes[0].server.relay.maxHeld = 10 * heldOverhead
	for range 20 {
		c.engine.Publish(channel, userID("bob"), `{"id":"2"`)
	}
	for bus.StepPush() { // the first shows that one is missing; the others wait
	}
	if r := c.nodes[0].server.relay; r.heldBytes > r.maxHeld {
		t.Errorf("%d bytes are held", r.heldBytes)
	}
	c.settle()
	if r := c.nodes[0].server.relay; r.heldBytes != 0 || len(r.pending) != 0 {
		t.Errorf("%d bytes are still held", r.heldBytes)
	}
	if got := alice.received(); len(got) != 21 {
		t.Errorf("alice gets %d messages", len(got))
	}
}

// away returns three travelers that have left, with a message in each channel that they have missed.
func (c *joinedWorlds) away() []*traveler {
	travelers := make([]*traveler, 3)
	for i := range travelers {
		travelers[i] = &traveler{joinedWorlds: c, name: fmt.Sprint("user", i), ids: make(map[string]bool)}
		travelers[i].connect(c.nodes[0])
	}
	c.settle()
	for _, r := range travelers {
		r.read()
		r.now.HangUp()
		c.engine.Publish(cluster.DirectOf(userID(r.name)), uuid.UUID{9}, `{"id":"`+r.name+`","message_type":"text",`+to(r.name))
	}
	c.engine.Publish(cluster.Channel{}, uuid.UUID{9}, `{"id":"b","message_type":"text"`)
	c.engine.Publish(cluster.TopicOf("topic2"), uuid.UUID{9}, `{"id":"t","message_type":"text","topic":"topic2"`)
	c.settle()
	return travelers
}

// start starts a node while travelers connect to it, in any order.
func (c *joinedWorlds) start(random *rand.Rand, travelers []*traveler) {
	c.engine.Apart = true
	w := c.add(random.Uint64())
	b := c.engine.Buses()[1]
	attach := random.IntN(20)
	for step := range 60 {
		switch n := random.IntN(6); {
		case step == attach:
			b.Attach()
		case n == 0 && len(travelers) > 0:
			travelers[0].connect(w)
			travelers = travelers[1:]
		case n == 1:
			c.engine.Publish(cluster.Channel{}, uuid.UUID{9}, fmt.Sprintf(`{"id":"%d","message_type":"text"`, step))
		case n == 2:
			w.net.Settle()
		case n == 3:
			b.StepPush()
		case step > attach && n == 4:
			b.StepUpcall()
		case step > attach:
			b.StepCommand()
		}
	}
	b.Accept()
	for _, r := range travelers {
		r.connect(w)
	}
	c.settle()
}

// TestClientsThatReturnWhileANodeStartsResume has clients connect before, while and after a new node is connected to the bus, in any
// order. No message is out of reach, so each of them resumes.
func TestClientsThatReturnWhileANodeStartsResume(t *testing.T) {
	serial.Test(t)
	for seed := range uint64(200) {
		c := newCluster(t, seed, 1, 100)
		travelers := c.away()
		c.start(rand.New(rand.NewPCG(seed, 2)), travelers)
		for _, r := range travelers {
			if r.read(); r.losses > 0 {
				t.Errorf("seed %d: %s is told of %d losses", seed, r.name, r.losses)
			}
			r.check()
		}
		if t.Failed() {
			t.FailNow()
		}
	}
}

// TestASubscriptionToManyTopicsJoinsEachOnce also has the client continue from positions: one question has what it has missed.
func TestASubscriptionToManyTopicsJoinsEachOnce(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	alice, bob := c.join(0, "alice"), c.join(1, "bob")
	c.sends(alice, `{"message_type":"subscribe","data":{"topics":["a","b","c"]}}`)
	for _, topic := range []string{"a", "b", "c"} {
		c.sends(alice, `{"id":"1","message_type":"text","topic":"`+topic+`"}`)
		c.sends(alice, `{"id":"2","message_type":"text","topic":"`+topic+`"}`)
	}
	before := c.engine.Buses()[1].Joins
	epoch := c.engine.Epoch().String()
	got := strings.Join(c.sends(bob, `{"message_type":"subscribe","data":{"topics":[{"topic":"a","seq":1,"epoch":"`+epoch+`"},
		{"topic":"b","seq":0,"epoch":"`+epoch+`"},{"topic":"c","seq":2,"epoch":"`+epoch+`"}]}}`), "\n")
	for _, want := range []string{`"resumed":true,"missed":1}`, `"resumed":true,"missed":2}`, `"resumed":true,"missed":0}`} {
		if !strings.Contains(got, want) {
			t.Errorf("bob gets %s, want %s", got, want)
		}
	}
	if joins := c.engine.Buses()[1].Joins - before; joins != 3 {
		t.Errorf("the node has asked %d times for three topics", joins)
	}
}

// TestSubscribersThatComeTogetherGetTheirOwnMissedMessages has clients continue from different positions in a topic that the node is not in.
func TestSubscribersThatComeTogetherGetTheirOwnMissedMessages(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	alice := c.join(0, "alice")
	c.sends(alice, `{"message_type":"subscribe","data":{"topics":["a"]}}`)
	const clients = 4
	var late []*client
	for i := range clients {
		c.sends(alice, `{"id":"1","message_type":"text","topic":"a"}`)
		late = append(late, c.join(1, fmt.Sprint("user", i)))
	}
	for i, one := range slices.Backward(late) {
		one.text(fmt.Sprintf(`{"message_type":"subscribe","data":{"topics":[{"topic":"a","seq":%d}]}}`, i))
	}
	c.settle()
	for i, one := range late {
		want := fmt.Sprintf(`"resumed":true,"missed":%d}`, clients-i)
		if got := one.received(); len(got) != 1+clients-i || !strings.Contains(got[0], want) {
			t.Errorf("a client with %d messages gets %q", i, got)
		}
	}
}
