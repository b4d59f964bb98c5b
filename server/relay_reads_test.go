package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func TestReadsAreEarnedAgain(t *testing.T) {
	m, now := make(missedReads), time.Hour
	alice, bob := uuid.UUID{1}, uuid.UUID{2}
	takes := func() (n int) {
		for m.take(alice, now) {
			n++
		}
		return n
	}
	if n := takes(); n != maxReads {
		t.Errorf("a user has %d reads at first", n)
	}
	if !m.take(bob, now) {
		t.Error("another user has none")
	}
	now += 3 * readInterval
	if m.forget(now); len(m) != 1 {
		t.Errorf("%d users are remembered", len(m))
	}
	if n := takes(); n != 3 {
		t.Errorf("%d reads are earned after three intervals", n)
	}
	now += maxReads * readInterval
	if m.forget(now); len(m) != 0 {
		t.Errorf("%d users are remembered", len(m))
	}
	if n := takes(); n != maxReads {
		t.Errorf("%d reads are earned after a long time", n)
	}
}

// TestPositionsThatAreMadeUpCostFewReads has one client subscribe again and again from a number that is not kept any more, and
// another one connect with one.
func TestPositionsThatAreMadeUpCostFewReads(t *testing.T) {
	c := newCluster(t, 1, 2, 2)
	alice, carol, topics := c.join(0, "alice"), c.join(1, "carol"), make([]string, 128)
	epoch := c.nodes[0].server.relay.epochOf(cluster.Channel{}).String()
	for i := range topics {
		topics[i] = fmt.Sprintf(`{"topic":"t%d","seq":1,"epoch":"%s"}`, i, epoch)
	}
	subscribe := func(who *client) int {
		before := c.engine.Reads
		who.text(`{"message_type":"subscribe","data":{"topics":[` + strings.Join(topics, ",") + `]}}`)
		c.settle()
		who.received()
		return c.engine.Reads - before
	}
	subscribe(carol)
	for i := range topics {
		c.publishFive(cluster.TopicOf(fmt.Sprint("t", i)))
	}
	reads := 0
	for range 20 {
		reads += subscribe(alice)
	}
	if reads < maxReads/2 || reads > maxReads {
		t.Errorf("the bus reads %d channels", reads)
	}
	c.nodes[0].net.Advance(time.Second)
	if reads = subscribe(alice); reads != int(time.Second/readInterval) {
		t.Errorf("after a second, it reads %d", reads)
	}
	resume := func() int {
		before := c.engine.Reads
		bob := c.nodes[0].dial("bob")
		bob.Send(upgradeRequest(c.nodes[0].token("bob") + "&resume=" + epoch + epoch + ".1.1"))
		c.settle()
		if got := strings.Join(bob.received(), ""); !strings.Contains(got, `"resumed":false`) {
			t.Fatalf("%q", got)
		}
		bob.HangUp()
		c.settle()
		return c.engine.Reads - before
	}
	resume()
	c.publishFive(cluster.DirectOf(userID("bob")))
	c.publishFive(cluster.Channel{})
	reads = 0
	for range 2 * maxReads {
		reads += resume()
	}
	if reads < maxReads/2 || reads > maxReads {
		t.Errorf("the bus reads %d channels for handshakes", reads)
	}
}

func (c *joinedWorlds) publishFive(to cluster.Channel) {
	for range 5 {
		c.engine.Publish(to, uuid.UUID{9}, `{"message_type":"text"`)
	}
	c.settle()
}
