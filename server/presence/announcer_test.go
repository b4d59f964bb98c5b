package presence

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"momentum/server/history"
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

// TestTicksHandleABoundedNumberOfDepartures: what is left over is handled by the next ticks.
func TestTicksHandleABoundedNumberOfDepartures(t *testing.T) {
	const perTick = entriesAtOnce * shardCount
	n := newNode(t, Grace)
	for i := range 2 * perTick {
		n.join(i + 1).leave()
	}
	n.heard()
	a := n.announcer
	a.announced = time.Hour // no summary: all are counted
	a.joined.Count, a.left.Count = 1, 0
	for range 4 {
		before := a.left.Count
		a.Tick(Grace)
		if got := a.left.Count - before; got > perTick {
			t.Errorf("a tick announced %d departures, want at most %d", got, perTick)
		}
	}
	n.want("announced", a.left.Count, 2*perTick)
	n.want("entries", n.entries(), 0)
}

// TestDeparturesAreTakenAndAnnouncedUnderOneLock: had the ticker taken a departure from the hub before it waits for the
// announcer's mutex, the user could come back and be announced first.
func TestDeparturesAreTakenAndAnnouncedUnderOneLock(t *testing.T) {
	n := newNode(t, Grace)
	n.join(1).leave()
	s := n.hub.shardOf(id(1))
	n.announcer.Lock() // as an arrival that is being announced
	var ticker sync.WaitGroup
	ticker.Go(func() { n.announcer.departuresOf(s, Grace, make([]Person, 0, 1)) })
	for !waits("departuresOf") {
		runtime.Gosched()
	}
	n.hub.With(id(1), func(u *User, _ *history.Store) { n.want("the user is away", u.queue == &s.away, true) })
	n.announcer.Unlock()
	ticker.Wait()
	n.want("announced", len(n.heard()), 2)
}

// waits reports whether a goroutine in a function waits for a mutex.
func waits(function string) bool {
	stacks := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		if state, _, _ := strings.Cut(stack, "\n"); strings.Contains(state, "sync.Mutex.Lock") && strings.Contains(stack, function) {
			return true
		}
	}
	return false
}
