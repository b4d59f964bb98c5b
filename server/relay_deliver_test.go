package server

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"momentum/server/cluster"
	"momentum/server/history"
)

// TestOnlyTheNextMessageIsDelivered gives a node messages that it has had, that are of another epoch, and that come too early.
func TestOnlyTheNextMessageIsDelivered(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	alice := c.join(0, "alice")
	message := func(epoch cluster.Epoch, seq uint64, id string) cluster.Delivery {
		return cluster.Delivery{Channel: cluster.Channel{}, Epoch: epoch, Seq: seq, JSON: []byte(`{"id":"` + id + `"`)}
	}
	c.engine.Publish(cluster.Channel{}, userID("bob"), `{"id":"one"`)
	c.settle()
	alice.received()
	w.server.relay.Deliver([]cluster.Delivery{message(1, 1, "again"), message(2, 2, "other"), message(1, 3, "three")})
	w.net.Settle()
	if got := alice.received(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	c.engine.Publish(cluster.Channel{}, userID("bob"), `{"id":"two"`)
	c.settle() // the node has asked for what is missing before the third
	got := strings.Join(alice.received(), "\n")
	if two, three := strings.Index(got, `"two"`), strings.Index(got, `"three"`); two < 0 || three < two || strings.Contains(got, "again") || strings.Contains(got, "other") {
		t.Errorf("%s", got)
	}
}

// TestAChannelIsNeverSeenShorterThanItIs has a node fill a channel again from an old number, as it does for a client that lacks more than
// the node has, while other clients look at the channel. One that resumed from a shorter one would miss the rest.
func TestAChannelIsNeverSeenShorterThanItIs(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	c.join(0, "alice")
	r, channel := c.nodes[0].server.relay, cluster.DirectOf(userID("alice"))
	for range 60 {
		c.engine.Publish(channel, userID("bob"), `{"id":"one"`)
	}
	c.settle()
	answer := cluster.Joined{Channel: channel, Epoch: 1, Seq: 60, Kept: c.engine.Log}
	r.mu.Lock()
	epoch := r.epochs.number(1)
	r.mu.Unlock()
	var over atomic.Bool
	var looks atomic.Int64
	shortest := make(chan uint64)
	go func() {
		low := uint64(60)
		for !over.Load() {
			r.with(channel, func(p channelPlace) { low = min(low, p.Seq()) })
			looks.Add(1)
		}
		shortest <- low
	}()
	for n := 0; n < 1000 || looks.Load() < 1000; n++ {
		r.adopt(&answer, epoch)
	}
	over.Store(true)
	if low := <-shortest; low != 60 {
		t.Errorf("the channel has 60 messages, and seems to have %d", low)
	}
}

// TestMessagesThatWereKeptElsewhereAreNotKeptLonger has a node read a message that is nearly too old.
func TestMessagesThatWereKeptElsewhereAreNotKeptLonger(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	c.join(0, "alice")
	r, channel := w.server.relay, cluster.DirectOf(userID("alice"))
	c.engine.Publish(channel, userID("bob"), `{"id":"one"`)
	c.settle()
	kept := c.engine.Log[0]
	kept.Sent = r.now().Add(10*time.Second - w.server.options.History.Age)
	r.mu.Lock()
	epoch := r.epochs.number(1)
	r.mu.Unlock()
	r.adopt(&cluster.Joined{Channel: channel, Epoch: 1, Seq: 1, Kept: []cluster.Delivery{kept}}, epoch)
	since := func() (loss history.Loss) {
		r.with(channel, func(p channelPlace) { loss = p.store.Since(p.Channel, 0, r.elapsed()) })
		return loss
	}
	if got := since(); got != history.LostNothing {
		t.Errorf("the message is lost: %d", got)
	}
	w.net.Advance(12 * time.Second)
	if got := since(); got != history.LostToAge {
		t.Errorf("the message is kept for longer than its age: %d", got)
	}
}
