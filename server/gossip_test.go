package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/server/cluster"
	"momentum/server/presence"
)

// pass lets time pass on all nodes.
func (c *joinedWorlds) pass(d time.Duration) {
	for end := c.nodes[0].net.Now().Add(d); c.nodes[0].net.Now().Before(end); {
		for _, w := range c.nodes {
			w.net.Advance(100 * time.Millisecond)
		}
		c.settle()
	}
}

// presenceOf returns the messages about presence that a client has got.
func presenceOf(c *client) (list []string) {
	for _, line := range c.received() {
		for _, kind := range []string{"user_joined", "user_left", "presence"} {
			if strings.Contains(line, `"message_type":"`+kind+`"`) {
				_, name, _ := strings.Cut(line, `"username":"`)
				name, _, _ = strings.Cut(name, `"`)
				list = append(list, kind+" "+name)
			}
		}
	}
	return list
}

func (c *joinedWorlds) wantPresence(to *client, want ...string) {
	c.t.Helper()
	if got := presenceOf(to); strings.Join(got, ", ") != strings.Join(want, ", ") {
		c.t.Errorf("%s received %q, want %q", to.name, got, want)
	}
}

// TestPresenceIsTheClusters has a user connect to two nodes, move from one to the other, and leave.
func TestPresenceIsTheClusters(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ann, bob := c.admit(0, "ann"), c.admit(1, "bob")
	c.wantPresence(ann, "user_joined bob")
	c.wantPresence(bob)
	first := c.admit(0, "cid")
	c.wantPresence(ann, "user_joined cid")
	c.wantPresence(bob, "user_joined cid")
	second := c.admit(1, "cid")
	first.HangUp()
	c.pass(2 * presence.Grace)
	c.wantPresence(ann)
	c.wantPresence(bob)
	second.HangUp()
	c.pass(2 * presence.Grace)
	c.wantPresence(ann, "user_left cid")
	c.wantPresence(bob, "user_left cid")
}

// TestTheUsersOfANodeThatDiesAreReportedOnce also has one of its users on another node, and the node come back.
func TestTheUsersOfANodeThatDiesAreReportedOnce(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	ann := c.admit(0, "ann")
	c.admit(2, "bob")
	c.admit(2, "cid")
	c.admit(1, "cid")
	presenceOf(ann)
	b := c.engine.Buses()
	b[2].Cut()
	b[2].Expire(b[1])
	c.pass(2 * presence.Grace)
	c.wantPresence(ann, "user_left bob")
	b[2].Heal()
	c.settle()
	c.wantPresence(ann, "user_joined bob")
}

// TestANewEpochReportsNoArrivals also has a user leave meanwhile.
func TestANewEpochReportsNoArrivals(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ann := c.admit(0, "ann")
	bob := c.admit(1, "bob")
	presenceOf(ann)
	c.engine.NewEpoch()
	bob.HangUp()
	c.settle()
	c.wantPresence(ann)
	c.pass(2 * presence.Grace)
	c.wantPresence(ann, "user_left bob")
}

// TestManyArrivalsInTheClusterAreSummarized has more users than are announced one by one, on two nodes.
func TestManyArrivalsInTheClusterAreSummarized(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ann := c.admit(0, "ann")
	for i := range 2 * presence.OnlineEach {
		c.admit(i%2, fmt.Sprint("user", i))
	}
	c.pass(3 * presence.Interval)
	each, summarized := 0, 0
	for _, line := range ann.received() {
		var n int
		if _, rest, ok := strings.Cut(line, `"data":{"joined":`); ok {
			_, _ = fmt.Sscanf(rest, "%d", &n)
		}
		summarized += n
		each += strings.Count(line, `"user_joined"`)
	}
	if each > presence.OnlineEach || each+summarized != 2*presence.OnlineEach {
		t.Errorf("%d arrivals are told one by one, %d in summaries", each, summarized)
	}
	if s := c.nodes[0].server.Stats(); s.Presence != "summary" {
		t.Errorf("presence is told by %s", s.Presence)
	}
}

// TestALargeClusterGossipsLessOften has users come all the time.
func TestALargeClusterGossipsLessOften(t *testing.T) {
	for online, want := range map[int]int{presence.OnlineEach + 1: 20, 15 * presence.Crowd: 5} {
		told := 0
		g := gossip{online: func() int { return online }, send: func(note) bool { told++; return true }}
		for elapsed := presence.Interval; elapsed <= 20*presence.Interval; elapsed += presence.Interval {
			g.add([]cluster.Move{{Here: true}})
			g.tick(elapsed)
		}
		if told != want {
			t.Errorf("with %d users online a node tells the others %d times in 20 s, want %d", online, told, want)
		}
	}
}
