package presence

import (
	"strings"
	"testing"
	"time"
)

// TestCrowdsAreAnnouncedTogether has 1,000 users arrive within a second and leave again: a message for each of the first
// ones, and then summaries, whose sums are right.
func TestCrowdsAreAnnouncedTogether(t *testing.T) {
	const storm = 1000
	n := newNode(t, Grace)
	crowd := make([]*connection, storm)
	for i := range crowd {
		if crowd[i] = n.join(i + 1); i%100 == 99 {
			n.advance(100 * time.Millisecond)
		}
	}
	n.advance(2 * Interval)
	lines := n.heard()
	n.want("messages of their own", countOf(lines, "user_joined"), OnlineEach)
	n.want("summaries", countOf(lines, "presence"), 1)
	last := lines[len(lines)-1]
	n.want("summary", strings.HasPrefix(last, `presence {"joined":936,"left":0,"online":1000,"sample":{"joined":[{`), true)
	n.want("names", strings.Count(last, `"username"`), Sample)
	n.want("for everybody", strings.HasSuffix(last, "to all but 0"), true)
	for _, c := range crowd {
		c.leave()
	}
	n.advance(Grace + 2*Interval)
	lines = n.heard()
	n.want("messages of their own", countOf(lines, "user_left"), OnlineEach)
	n.want("the other departures", strings.HasPrefix(lines[len(lines)-1], `presence {"joined":0,"left":936,"online":0,`), true)
}

// TestFewAreAnnouncedOneByOneEachInterval: OnlineEach messages of their own an interval, and as many in the next.
func TestFewAreAnnouncedOneByOneEachInterval(t *testing.T) {
	n := newNode(t, Grace)
	for range 2 {
		for range 2 * OnlineEach {
			n.join(1).leave()
			n.elapsed += Grace
			n.announcer.departures(n.elapsed)
		}
		n.want("in one interval", len(n.heard()), OnlineEach)
		n.announcer.Tick(n.elapsed)
		n.want("together", len(n.heard()), 1)
	}
}

// TestCrowdsAreAnnouncedLessOften: with twice Crowd online, a summary has three intervals to itself.
func TestCrowdsAreAnnouncedLessOften(t *testing.T) {
	n := newNode(t, Grace)
	n.hub.online.Add(2 * Crowd) // as if they were
	for i := range 12 {
		n.join(i + 1)
		n.advance(Interval)
	}
	n.advance(3 * Interval)
	lines := n.heard()
	if joined := strings.Count(strings.Join(lines, ""), `"username"`); joined != 12 || len(lines) > 5 {
		t.Errorf("%d arrivals in as many seconds: %d messages name %d", 12, len(lines), joined)
	}
}

// TestAnnouncementsKeepTheirOrder has a user leave while departures are announced together and come back when arrivals
// are announced one by one again: the arrival must not be announced before the departure.
func TestAnnouncementsKeepTheirOrder(t *testing.T) {
	n := newNode(t, Grace)
	crowd := make([]*connection, OnlineEach+3)
	for i := range crowd {
		crowd[i] = n.join(i + 1)
	}
	n.advance(2*Interval + Interval/2)
	n.heard()
	crowd[0].leave()
	n.advance(Grace)
	n.want("user1 has left, which no message says yet", len(n.heard()), 0)
	for _, c := range crowd[1:4] {
		c.leave()
	}
	n.join(1)
	n.advance(Interval)
	n.want("one summary", strings.Join(n.heard(), "")[:len(`presence {"joined":1,"left":1,`)], `presence {"joined":1,"left":1,`)
}

// TestRefusedMessagesAreMadeUpFor: what cannot be published is announced with the next summary that can.
func TestRefusedMessagesAreMadeUpFor(t *testing.T) {
	n := newNode(t, Grace)
	n.refuse = true
	n.join(1).leave()
	n.advance(Grace + 2*Interval)
	n.want("refused", len(n.heard()), 0)
	n.refuse = false
	n.join(2)
	n.advance(Interval)
	lines := n.heard()
	n.want("messages", len(lines), 1)
	n.want("all that has happened", strings.HasPrefix(lines[0], `presence {"joined":2,"left":1,"online":1,`), true)
	n.advance(2 * Interval)
	n.join(3)
	n.want("once", len(n.heard()), 1)
}

// TestTicksHandleABoundedNumberOfDepartures: what is left over is handled by the next ticks, shard by shard.
func TestTicksHandleABoundedNumberOfDepartures(t *testing.T) {
	const users = departuresPerTick + departuresPerTick/2
	n := newNode(t, Grace)
	for i := range users {
		n.join(i + 1).leave()
	}
	n.heard()
	a := n.announcer
	a.announced = time.Hour // no summary: all are counted
	a.joined.count, a.left.count = 1, 0
	n.elapsed = Grace
	for _, want := range []int{departuresPerTick, users, users} {
		a.Tick(n.elapsed)
		if got := a.left.count; got < want || got > want+entriesAtOnce {
			t.Errorf("%d departures are announced, want %d", got, want)
		}
	}
	for range users/shardCount/entriesAtOnce + 2 {
		a.Tick(n.elapsed)
	}
	n.want("entries", n.entries(), 0)
}
