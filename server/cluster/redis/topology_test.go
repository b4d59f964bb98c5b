package redis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestTheFirstAddressThatIsAPrimaryIsUsed(t *testing.T) {
	t.Parallel()
	s, replica := redistest.Start(t), redistest.Start(t)
	host, port, _ := strings.Cut(s.Addr(), ":")
	replica.Do(t, "REPLICAOF", host, port)
	d := &dialer{target: &target{addresses: []string{"127.0.0.1:1", replica.Addr(), s.Addr()}}, lost: func(error) {}}
	if got, err := d.resolve(); err != nil || len(got.places) != 1 || got.places[0].address != s.Addr() {
		t.Errorf("%+v, %v", got, err)
	}
	d.target.addresses = d.target.addresses[:2]
	if _, err := d.resolve(); err == nil || !strings.Contains(err.Error(), replica.Addr()) || !strings.Contains(err.Error(), "replica") {
		t.Errorf("%v", err)
	}
}

func sentinelURL(s *redistest.Sentinels) string {
	return "redis://" + strings.Join(s.Addrs(), ",") + "?sentinel=momentum"
}

func TestTheBusFollowsTheSentinels(t *testing.T) {
	t.Parallel()
	s := redistest.Sentinel(t)
	a, b := healthy(t, sentinelURL(s), broadcast, user(1)), healthy(t, sentinelURL(s), broadcast, user(1))
	epoch := a.EpochOf(user(1))
	a.say(user(1), "before")
	b.awaitTexts(1)
	s.Primary.Kill(t)
	a.await("loss", func() bool { return a.Bus.State() == cluster.Held })
	s.AwaitFailover(t)
	for _, p := range []*peer{a, b} {
		p.await("health", func() bool { return p.Bus.State() == cluster.Healthy && p.rejoins >= 2 && p.EpochOf(user(1)) != epoch })
	}
	b.say(broadcast, "after")
	if got := a.awaitTexts(2); got[1] != "after" {
		t.Errorf("%q", got)
	}
}

func TestAnOldPrimaryThatGoesOnIsLeft(t *testing.T) {
	t.Parallel()
	s := redistest.Sentinel(t)
	d := &dialer{target: &target{addresses: s.Addrs(), sentinel: "momentum"}, lost: func(error) {}}
	present, err := d.resolve()
	if err != nil || present.places[0].address != s.Primary.Addr() {
		t.Fatalf("%+v, %v", present, err)
	}
	d.mu.Lock()
	if len(d.conns) != 0 {
		t.Errorf("%d connections to sentinels are kept", len(d.conns))
	}
	d.mu.Unlock()
	a := newAttachment(1, d)
	a.topology = &topology{tags: whole, places: []place{{address: s.Replica.Addr(), partitions: []int{0}}}}
	c := &connector{dialer: dialer{target: d.target}, interval: time.Millisecond}
	time.AfterFunc(patience, func() { a.end(errOver) })
	if c.watch(a); !errors.Is(a.err, errMoved) {
		t.Error(a.err)
	}
	d.target.sentinel = "other"
	if _, err := d.resolve(); err == nil || !strings.Contains(err.Error(), "other") {
		t.Error(err)
	}
}

func TestARedisClusterHasAllPartitions(t *testing.T) {
	t.Parallel()
	c := redistest.Cluster(t)
	url := "redis://" + strings.Join(c.Addrs(), ",")
	var channels []cluster.Channel
	for i := range 100 {
		channels = append(channels, cluster.TopicOf(fmt.Sprint(i)))
	}
	a, b := healthy(t, url, append(channels, broadcast)...), healthy(t, url, channels...)
	if a, _ := a.current(); len(a.links) != 3 || len(a.topology.places[1].partitions) < 80 {
		t.Errorf("%+v", a.topology)
	}
	for i := range 1000 {
		a.say(channels[i%100], fmt.Sprintf("%04d", i))
		a.say(broadcast, "")
	}
	if o := a.outcome("0999"); o.Nodes != 2 || !o.Stored {
		t.Errorf("%+v", o)
	}
	b.awaitTexts(1000)
	last := make(map[cluster.Channel]got)
	for _, g := range b.got {
		if before := last[g.channel]; before.seq != 0 && (g.seq != before.seq+1 || g.json <= before.json) {
			t.Errorf("%+v after %+v", g, before)
		}
		last[g.channel] = g
	}
}

// TestAReplicaTakesThePlaceOfOnePrimary has three primaries, of which one is killed. The epochs of the others stay.
func TestAReplicaTakesThePlaceOfOnePrimary(t *testing.T) {
	t.Parallel()
	c := redistest.Cluster(t)
	replica := c.Replica(t, c.Nodes[1])
	url := "redis://" + strings.Join(c.Addrs(), ",")
	var channels []cluster.Channel
	for i := range 100 {
		channels = append(channels, cluster.TopicOf(fmt.Sprint(i)))
	}
	a, b := healthy(t, url, channels...), healthy(t, url, channels...)
	lost, _ := a.current()
	c.Nodes[1].Kill(t)
	for _, p := range []*peer{a, b} {
		p.await("loss", func() bool { return p.Bus.State() == cluster.Held || p.Bus.State() == cluster.Local })
	}
	for _, p := range []*peer{a, b} {
		p.awaitFor(2*patience, "health", func() bool { return p.Bus.State() == cluster.Healthy && p.rejoins >= 2 })
	}
	now, _ := a.current()
	for partition, l := range lost.owner {
		moved := l.address == c.Nodes[1].Addr()
		if changed := now.epochs[partition].id != lost.epochs[partition].id; changed != moved || moved && now.owner[partition].address != replica.Addr() {
			t.Fatalf("partition %d: has moved: %v, has another epoch: %v", partition, moved, changed)
		}
	}
	for i, channel := range channels {
		a.say(channel, fmt.Sprint(i))
	}
	b.awaitTexts(len(channels))
}

func TestASlotThatMovesIsFollowed(t *testing.T) {
	t.Parallel()
	c := redistest.Cluster(t)
	p := healthy(t, "redis://"+c.Nodes[0].Addr(), broadcast)
	partition := 0
	slot := slotOf(clusterTags()[partition])
	from, to := c.Nodes[0], c.Nodes[2]
	moved := to.Do(t, "CLUSTER", "MYID").(string)
	old := from.Do(t, "CLUSTER", "MYID").(string)
	to.Do(t, "CLUSTER", "SETSLOT", fmt.Sprint(slot), "IMPORTING", old)
	from.Do(t, "CLUSTER", "SETSLOT", fmt.Sprint(slot), "MIGRATING", moved)
	host, port, _ := strings.Cut(to.Addr(), ":")
	p.await("keys that have moved", func() bool {
		keys := from.Do(t, "CLUSTER", "GETKEYSINSLOT", fmt.Sprint(slot), "100").([]any)
		for _, key := range keys {
			from.Do(t, "MIGRATE", host, port, key.(string), "0", "5000", "REPLACE")
		}
		return len(keys) == 0
	})
	for _, node := range slices.Backward(c.Nodes) {
		node.Do(t, "CLUSTER", "SETSLOT", fmt.Sprint(slot), "NODE", moved)
	}
	p.await("another attachment", func() bool {
		a, state := p.current()
		return state == cluster.Healthy && a != nil && a.owner[partition].address == to.Addr() && p.rejoins > 1
	})
	p.say(broadcast, "after")
	if o := p.outcome("after"); o.Err != nil {
		t.Errorf("%+v", o)
	}
	p.awaitTexts(1)
}
