package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/server/cluster"
)

// TestOnlyClientsThatResumeGetTheirPosition begins a new epoch.
func TestOnlyClientsThatResumeGetTheirPosition(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w := c.nodes[0]
	plain := c.join(0, "alice")
	resumes := w.dial("bob")
	resumes.Send(upgradeRequest(w.token("bob") + "&resume="))
	resumes.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	c.settle()
	c.sends(plain, `{"id":"1","message_type":"text"}`)
	resumes.received()
	c.engine.NewEpoch()
	c.settle()
	if got := plain.received(); len(got) != 0 {
		t.Errorf("a client that does not resume gets %q", got)
	}
	got := strings.Join(resumes.received(), "\n")
	for _, want := range []string{
		`"message_type":"position","data":{"epoch":"AAAAAAIAAAAAAI","broadcast":1,"direct":0}`,
		`"message_type":"position","data":{"topic":"news","seq":0,"epoch":"AAAAAAI"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("a client that resumes gets\n%s\nwant %s", got, want)
		}
	}
}

// TestPositionsAreSentAfterTheBroadcastIsJoined has the bus refuse to join the broadcast at first, after a new epoch.
func TestPositionsAreSentAfterTheBroadcastIsJoined(t *testing.T) {
	c := newCluster(t, 1, 1, 100)
	w, b := c.nodes[0], c.engine.Buses()[0]
	bob := w.dial("bob")
	bob.Send(upgradeRequest(w.token("bob") + "&resume="))
	c.settle()
	bob.received()
	b.RefuseJoins = 1
	c.engine.NewEpoch()
	c.settle()
	if got := bob.received(); len(got) != 0 {
		t.Errorf("before the node is in the broadcast, its client gets %q", got)
	}
	c.pass(time.Second)
	want := `"message_type":"position","data":{"epoch":"AAAAAAIAAAAAAI","broadcast":0,"direct":0}`
	if got := bob.received(); len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("after that, it gets %q, want %s", got, want)
	}
}

// splitBus is a bus of two partitions: the second one has all direct messages. The test answers its joins.
type splitBus struct {
	cluster.Bus
	node   cluster.Node
	epochs []cluster.Epoch
	asked  []cluster.Channel
}

func (b *splitBus) Join(a cluster.Arrival) { b.asked = append(b.asked, a.Channel) }

func (b *splitBus) Partition(c cluster.Channel) int {
	if c.Kind == cluster.Direct {
		return 1
	}
	return 0
}

// connect connects the node again. Answers on their way are lost.
func (b *splitBus) connect(epochs ...cluster.Epoch) {
	for _, c := range b.take(cluster.Broadcast, cluster.Direct) {
		b.node.Joined([]cluster.Joined{{Channel: c, Err: cluster.ErrUnavailable}})
	}
	b.epochs = epochs
	b.node.Changed(cluster.Healthy, epochs)
}

// answer answers the joins of the channels of a kind, which have no messages.
func (b *splitBus) answer(k cluster.Kind) {
	for _, c := range b.take(k) {
		b.node.Joined([]cluster.Joined{{Channel: c, Epoch: b.epochs[b.Partition(c)]}})
	}
}

// take removes the joins of some kinds of channels.
func (b *splitBus) take(kinds ...cluster.Kind) (taken []cluster.Channel) {
	b.asked = slices.DeleteFunc(b.asked, func(c cluster.Channel) bool {
		is := slices.Contains(kinds, c.Kind)
		if is {
			taken = append(taken, c)
		}
		return is
	})
	return taken
}

// TestAPositionSurvivesASecondReconnection renumbers the partition of the broadcast alone, and cuts the node off again before it has joined
// the users' channels, whose numbers stay. In each order of the joins, a client gets its new position.
func TestAPositionSurvivesASecondReconnection(t *testing.T) {
	const broadcast, direct = cluster.Broadcast, cluster.Direct
	for name, order := range map[string][2][]cluster.Kind{
		"no join before the second reconnection": {{}, {broadcast, direct}},
		"the broadcast is joined before it":      {{broadcast}, {broadcast, direct}},
		"the user's channel is joined before it": {{direct}, {direct, broadcast}},
		"that, and the broadcast is joined last": {{direct}, {broadcast, direct}},
		"both are joined before it":              {{broadcast, direct}, {broadcast, direct}},
	} {
		c := newCluster(t, 1, 1, 100)
		w := c.nodes[0]
		bob := w.dial("bob")
		bob.Send(upgradeRequest(w.token("bob") + "&resume="))
		c.settle()
		bob.received()
		r := w.server.relay
		old := r.epochOf(cluster.Channel{})
		bus := &splitBus{Bus: r.bus, node: r}
		r.bus = bus
		for _, kinds := range order {
			bus.connect(old+1, old)
			for _, k := range kinds {
				bus.answer(k)
			}
			c.settle()
		}
		got := bob.received()
		want := fmt.Sprintf(`"message_type":"position","data":{"epoch":"%s%s","broadcast":0,"direct":0}`, old+1, old)
		if len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: the client gets %q, want %s", name, got, want)
		}
	}
}
