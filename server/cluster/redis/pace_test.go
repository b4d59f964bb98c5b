package redis

import (
	"testing"
	"time"
)

// paced serves requests that come at equal distances for ten seconds. A round trip takes no time. It returns how many rounds there
// were, and how long the longest wait for one was.
func paced(p pace, each time.Duration) (rounds, requests int, longest time.Duration) {
	const step = 100 * time.Microsecond
	var waiting []time.Duration
	var start time.Time
	for now := time.Duration(0); now < 10*time.Second; now += step {
		for ; time.Duration(requests)*each <= now; requests++ {
			waiting = append(waiting, now)
		}
		if at := start.Add(time.Hour + now); len(waiting) > 0 && p.wait(at, len(waiting)) <= 0 {
			p.begin(at, len(waiting))
			rounds++
			longest = max(longest, now-waiting[0])
			waiting = nil
		}
	}
	return rounds, requests, longest
}

func TestRequestsWaitForOthersInAStormOnly(t *testing.T) {
	joins, messages := pace{each: paceEach, max: paceJoins, full: roundChannels}, newWriter(&Bus{}).pace
	for _, c := range []struct {
		pace    pace
		each    time.Duration
		perTrip int // at least
		longest time.Duration
	}{
		{joins, time.Second, 1, 0},
		{joins, 5 * time.Millisecond, 1, 0},
		{joins, 1100 * time.Microsecond, 1, 2 * time.Millisecond},
		{joins, 500 * time.Microsecond, 60, paceJoins},
		{joins, 200 * time.Microsecond, 60, paceJoins},
		{joins, 10 * time.Microsecond, roundChannels - 10, 3 * time.Millisecond},
		{messages, time.Millisecond, 1, 0},
		{messages, 100 * time.Microsecond, 1, 0},
		{messages, 50 * time.Microsecond, 190, paceMessages},
		{messages, time.Microsecond, 9000, paceMessages},
	} {
		rounds, requests, longest := paced(c.pace, c.each)
		if requests/rounds < c.perTrip || longest > c.longest {
			t.Errorf("one in %v: %d in a round, which wait %v; want %d, %v", c.each, requests/rounds, longest, c.perTrip, c.longest)
		}
	}
}

// TestAPauseEndsTheWaitForMoreRequests has clients that wait for their answers before more come.
func TestAPauseEndsTheWaitForMoreRequests(t *testing.T) {
	b := &Bus{options: Options{Now: time.Now}, joins: newJoins(), closing: make(chan struct{})}
	p := &pace{each: paceEach, max: time.Hour, full: roundChannels}
	p.begin(time.Now(), 1<<30)
	for n := range 10 {
		b.joins.add(asked(byte(n), time.Now()))
	}
	gathers(t, b, p)
}

// TestAFullRoundEndsTheWaitForMoreRequests has as many requests as a round takes.
func TestAFullRoundEndsTheWaitForMoreRequests(t *testing.T) {
	b := &Bus{options: Options{Now: time.Now}, joins: newJoins(), closing: make(chan struct{})}
	p := &pace{each: paceEach, max: time.Hour, full: roundChannels}
	p.begin(time.Now(), 1<<30)
	for n := range roundChannels {
		b.joins.add(asked(byte(n), time.Now()))
	}
	if len(b.joins.full) != 1 {
		t.Error("a full round wakes nobody")
	}
	gathers(t, b, p)
}

// gathers waits until a round has all its requests.
func gathers(t *testing.T, b *Bus, p *pace) {
	t.Helper()
	done := make(chan bool)
	go func() { done <- b.gather(p) }()
	select {
	case ok := <-done:
		if !ok {
			t.Error("the bus is closed")
		}
	case <-time.After(patience):
		t.Fatalf("%d requests wait for more", b.joins.count())
	}
}
