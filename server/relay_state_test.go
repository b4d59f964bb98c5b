package server

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"momentum/internal/serial"
	"momentum/netpoll"
	"momentum/server/cluster"
)

// TestAllChannelsAreJoinedAgain connects a node again that has members in each kind of channel.
func TestAllChannelsAreJoinedAgain(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	bus, s := c.engine.Buses()[0], c.nodes[0].server
	alice := c.join(0, "alice")
	c.sends(alice, `{"message_type":"subscribe","data":{"topics":["news"]}}`)
	bus.Cut()
	c.settle()
	if err := s.ClusterFault(); !errors.Is(err, ErrDegraded) {
		t.Errorf("cut off: %v", err)
	}
	for range 2 { // the second time, no epoch is new
		bus.Heal()
		c.settle()
		for _, channel := range []cluster.Channel{{}, cluster.DirectOf(userID("alice")), cluster.TopicOf("news")} {
			if !bus.Has(channel) {
				t.Errorf("the node is not in %+v", channel)
			}
		}
	}
	bus.Cut()
	bus.Attach() // it is not proven yet: messages that are held wait for these joins
	c.settle()
	if channel := cluster.DirectOf(userID("alice")); s.ClusterFault() == nil || !bus.Has(channel) {
		t.Errorf("connected again: the fault is %v; whether the node has joined: %v", s.ClusterFault(), bus.Has(channel))
	}
	bus.Heal()
	c.settle()
	if err := s.ClusterFault(); err != nil {
		t.Errorf("connected again: %v", err)
	}
	if w := newWorld(t, 1, nil); w.server.ClusterFault() != nil {
		t.Error("a node that is alone is degraded")
	}
}

// TestANodeJoinsItsChannelsAgainInRounds has a node connected anew that has more users than it may ask for at the same time, and whose bus cannot
// join some channels at first.
func TestANodeJoinsItsChannelsAgainInRounds(t *testing.T) {
	serial.Test(t)
	const users = 2*maxRejoins + 100
	c := newCluster(t, 1, 1, 100)
	bus, r := c.engine.Buses()[0], c.nodes[0].server.relay
	for i := range users {
		c.nodes[0].join(fmt.Sprint("user", i))
	}
	c.settle()
	bus.Cut()
	c.settle()
	for i := range 100 {
		bus.RefuseOnce(cluster.DirectOf(userID(fmt.Sprint("user", 20*i))))
	}
	bus.Heal()
	most := 0
	for bus.Step() {
		r.mu.Lock()
		most = max(most, len(r.pending))
		r.mu.Unlock()
	}
	c.pass(netpoll.TickLength)
	if most < maxRejoins/2 || most > maxRejoins+1 { // and the broadcast
		t.Errorf("the node asks for %d channels at the same time", most)
	}
	for i := range users {
		if channel := cluster.DirectOf(userID(fmt.Sprint("user", i))); !bus.Has(channel) {
			t.Fatalf("the node is not in the channel of user %d", i)
		}
	}
	if r.toJoin.len() > 0 || r.failed.len() > 0 || len(r.pending) > 0 {
		t.Errorf("%d channels are still to be joined, %d are asked for", r.toJoin.len(), len(r.pending))
	}
}

// TestRefusedChannelsLeaveRoomForOthers has a bus that refuses all channels, more of them than the node may ask for at the same time.
func TestRefusedChannelsLeaveRoomForOthers(t *testing.T) {
	serial.Test(t)
	c := newCluster(t, 1, 1, 100)
	bus, r := c.engine.Buses()[0], c.nodes[0].server.relay
	for i := range 2*maxRejoins + 100 {
		c.nodes[0].join(fmt.Sprint("user", i))
	}
	c.settle()
	bus.Cut()
	c.settle()
	bus.RefuseJoins = 1 << 30
	bus.Heal()
	for range 5 {
		c.settle()
		c.pass(netpoll.TickLength)
	}
	if n := r.toJoin.len(); n > 0 {
		t.Errorf("the node has not asked for %d channels", n)
	}
}

// TestARefusedTopicIsAskedForAgainAfterOneOfItsSubscribersLeaves, for the subscribers that are left.
func TestARefusedTopicIsAskedForAgainAfterOneOfItsSubscribersLeaves(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	bus, r := c.engine.Buses()[0], c.nodes[0].server.relay
	stays, leaves := c.admit(0, "ann"), c.admit(0, "bob")
	for _, client := range []*client{stays, leaves} {
		client.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	}
	c.settle()
	bus.Cut()
	c.settle()
	bus.RefuseJoins = 1 << 30
	bus.Heal()
	c.pass(netpoll.TickLength)
	leaves.text(`{"message_type":"unsubscribe","data":{"topics":["news"]}}`)
	c.settle()
	bus.RefuseJoins = 0
	c.pass(time.Second)
	joined := false
	r.with(cluster.TopicOf("news"), func(p channelPlace) { joined = p.in.Joined() })
	if !joined {
		t.Error("the node is not in the topic of a subscriber")
	}
}

// queueSpy is a bus that notes how many channels are still to be joined when a user's channel is asked for.
type queueSpy struct {
	cluster.Bus
	relay *relay
	most  int
}

func (b *queueSpy) Join(a cluster.Arrival) {
	if a.Channel.Kind == cluster.Direct {
		b.most = max(b.most, b.relay.toJoin.len())
	}
	b.Bus.Join(a)
}

func TestTheFirstChannelsAreAskedForBeforeAllAreNoted(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	r := c.nodes[0].server.relay
	for i := range 100 {
		c.nodes[0].join(fmt.Sprint("user", i))
	}
	c.settle()
	spy := &queueSpy{Bus: r.bus, relay: r}
	r.bus = spy
	c.engine.Buses()[0].Cut()
	c.engine.Buses()[0].Heal()
	c.settle()
	if spy.most > 0 {
		t.Errorf("%d channels have been noted before one is asked for", spy.most)
	}
}
