package redis

import (
	"net"
	"slices"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestStatesFollowOneAnother(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	s.Pause(t)
	p.await("local mode", func() bool { return p.Bus.State() == cluster.Local })
	s.Resume(t)
	p.await("health", func() bool { return p.states[len(p.states)-1] == cluster.Healthy })
	states := slices.Compact(p.states)
	want := []cluster.State{cluster.Starting, cluster.Healthy, cluster.Slow, cluster.Held, cluster.Local, cluster.Healthy}
	if !slices.Equal(states, want) {
		t.Errorf("%v", states)
	}
}

// quietBus returns a supervisor of a bus that is attached and proven, and whose canary has been asked for and has no answer.
func quietBus(t *testing.T, now time.Time) (*supervisor, *attachment) {
	b := &Bus{options: Options{Log: quiet}, inbox: newInbox(newPeer(t), inboxBytes), outbox: newOutbox(outboxBytes), joins: newJoins()}
	a := newAttachment(1, &dialer{})
	l := &link{}
	l.canary.answers = canaryProof
	a.links, b.attachment = append(a.links, l), a
	s := &supervisor{bus: b, proven: now, stepped: now}
	s.step(now)
	return s, a
}

// over returns whether an attachment has ended.
func (a *attachment) over() bool {
	select {
	case <-a.ended:
		return true
	default:
		return false
	}
}

// steps makes steps of the supervisor at equal distances until a time after the beginning, and returns after how long the bus was
// declared deaf, or 0.
func steps(s *supervisor, a *attachment, began time.Time, from, to, each time.Duration, between func(now time.Time)) time.Duration {
	for at := from; at <= to; at += each {
		between(began.Add(at))
		if s.step(began.Add(at)); a.over() {
			return at
		}
	}
	return 0
}

func nothing(time.Time) {}

func TestABusWithoutACanaryIsDeaf(t *testing.T) {
	began := time.Now()
	s, a := quietBus(t, began)
	if at := steps(s, a, began, tick, 5*time.Second, tick, nothing); at <= canaryDeaf || at > canaryDeaf+tick {
		t.Errorf("it is declared deaf after %v", at)
	}
}

func TestANodeThatWasNotScheduledDeclaresNoBusDeaf(t *testing.T) {
	began := time.Now()
	s, a := quietBus(t, began)
	const woken = 20 * time.Second
	if at := steps(s, a, began, tick, canaryDeaf-tick, tick, nothing); at != 0 {
		t.Fatalf("it is declared deaf after %v", at)
	}
	at := steps(s, a, began, woken, 2*woken, tick, nothing)
	if at <= woken || at > woken+2*tick {
		t.Errorf("the node was stopped for 20 s, a tick before the bus would be declared deaf; it is after %v", at)
	}
}

// TestALateTickCountsAsOne has a node whose goroutines all wait for the processor, and so the canary at each of its stations.
func TestALateTickCountsAsOne(t *testing.T) {
	for _, each := range []time.Duration{tick + tick/2, 2 * tick, 2*tick + 1, 5 * tick, 10 * tick} {
		began := time.Now()
		s, a := quietBus(t, began)
		want := canaryDeaf.Truncate(each) + each
		if each > 2*tick {
			want = time.Duration(int64(canaryDeaf/tick)+1) * each
		}
		if at := steps(s, a, began, each, time.Minute, each, nothing); at != want {
			t.Errorf("with ticks after %v, the bus is declared deaf after %v, not %v", each, at, want)
		}
	}
}

func TestLateTicksExcuseACanaryForABoundedTime(t *testing.T) {
	const each = 20 * tick
	began := time.Now()
	s, a := quietBus(t, began)
	if at := steps(s, a, began, each, time.Hour, each, nothing); at < canaryPatience || at > canaryPatience+each {
		t.Errorf("all ticks are late, and the bus is declared deaf after %v", at)
	}
}

// TestEachCanaryHasItsOwnSilence has two primaries that take long to answer, in turns, so that one canary or the other is always under way.
func TestEachCanaryHasItsOwnSilence(t *testing.T) {
	const slow = canaryDeaf - 4*tick
	began := time.Now()
	s, a := quietBus(t, began)
	second := &link{}
	second.canary.answers, second.canary.next = canaryProof, began.Add(slow/2)
	a.links = append(a.links, second)
	at := steps(s, a, began, tick, time.Minute, tick, func(now time.Time) {
		for _, l := range a.links {
			if c := &l.canary; !c.asked.IsZero() && now.Sub(c.asked) >= slow {
				c.answer(c.number, now)
			}
		}
	})
	if at != 0 {
		t.Errorf("the bus is declared deaf after %v", at)
	}
}

// opening has a supervisor follow an attachment that is being made and has a connection with a primary.
func opening(t *testing.T, s *supervisor) *attachment {
	a := newAttachment(2, &dialer{})
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	a.dialer.add(ours)
	s.bus.attachment, s.bus.candidate = nil, a
	return a
}

// TestAnAttachmentWithoutAnswersEnds while it is being made; one that gets an answer now and then does not.
func TestAnAttachmentWithoutAnswersEnds(t *testing.T) {
	began := time.Now()
	s, _ := quietBus(t, began)
	a := opening(t, s)
	slow := func(now time.Time) {
		if now.Sub(began)%replyTimeout == 0 {
			a.dialer.reads.Add(1)
		}
	}
	if at := steps(s, a, began, tick, time.Minute, tick, slow); at != 0 {
		t.Errorf("it ends after %v", at)
	}
	began = began.Add(time.Minute)
	if at := steps(s, a, began, tick, time.Minute, tick, nothing); at != replyTimeout+tick {
		t.Errorf("it ends after %v", at)
	}
}

// TestEachAttachmentHasItsOwnSilence has a Redis that was away for long and then takes a second for its first answer.
func TestEachAttachmentHasItsOwnSilence(t *testing.T) {
	began := time.Now()
	s, _ := quietBus(t, began)
	if first := opening(t, s); steps(s, first, began, tick, time.Minute, tick, nothing) == 0 {
		t.Fatal("the first attachment does not end")
	}
	began = s.stepped
	if at := steps(s, opening(t, s), began, tick, time.Second, tick, nothing); at != 0 {
		t.Errorf("the next one ends after %v", at)
	}
}

// TestDialsAndTheScoutEndByThemselves has addresses that answer no dial, such as those of two sentinels that are down, before another one.
func TestDialsAndTheScoutEndByThemselves(t *testing.T) {
	began := time.Now()
	s, _ := quietBus(t, began)
	a := newAttachment(2, &dialer{})
	s.bus.attachment, s.bus.candidate = nil, a
	if at := steps(s, a, began, tick, 3*dialTimeout, tick, nothing); at != 0 {
		t.Errorf("while the scout asks, it ends after %v", at)
	}
	began, a = s.stepped, opening(t, s)
	a.dialer.dials.Add(1)
	if at := steps(s, a, began, tick, 3*dialTimeout, tick, nothing); at != 0 {
		t.Errorf("during a dial, it ends after %v", at)
	}
}

func TestANodeThatWorksOffJoinsDeclaresNoBusDeaf(t *testing.T) {
	for _, c := range []struct {
		rounds   int
		from, to time.Duration
	}{
		{100, 10*time.Second + canaryDeaf, 10*time.Second + canaryDeaf + tick}, // the backlog ends after 10 s
		{1 << 20, canaryPatience, canaryPatience + tick},
	} {
		began := time.Now()
		s, a := quietBus(t, began)
		for range c.rounds + backlogChannels/commandChannels {
			for n := range commandChannels {
				s.bus.joins.waiting = append(s.bus.joins.waiting, asked(byte(n), began))
			}
			if len(s.bus.joins.waiting) > 1<<18 {
				break
			}
		}
		at := steps(s, a, began, tick, time.Minute, tick, func(now time.Time) {
			s.bus.joins.begin(nil)
			s.bus.joins.end(now, nil)
		})
		if at < c.from || at > c.to {
			t.Errorf("with %d rounds, the bus is declared deaf after %v, not %v to %v", c.rounds, at, c.from, c.to)
		}
	}
}

func TestAFewJoinsExcuseNoCanary(t *testing.T) {
	began := time.Now()
	s, a := quietBus(t, began)
	at := steps(s, a, began, tick, 5*time.Second, tick, func(now time.Time) {
		for n := range roundChannels {
			s.bus.joins.add(asked(byte(n), now))
		}
		s.bus.joins.begin(nil)
		s.bus.joins.end(now, nil)
	})
	if at <= canaryDeaf || at > canaryDeaf+tick {
		t.Errorf("it is declared deaf after %v", at)
	}
}

// TestHeldMessagesWaitForTheOtherNodes has a bus come back after an outage of a length.
func TestHeldMessagesWaitForTheOtherNodes(t *testing.T) {
	for _, c := range []struct {
		outage time.Duration
		joins  int           // that wait all the time
		want   time.Duration // from then until messages are sent
	}{
		{0, 0, othersCome},
		{time.Second, 0, othersCome},
		{time.Second, 1, heldFor - othersCome - time.Second},
		{heldFor - othersCome, 0, 0},
		{time.Minute, 1, 0},
	} {
		began := time.Now()
		s, a := quietBus(t, began)
		s.bus.state = cluster.Healthy
		s.bus.attachment = nil
		s.step(began.Add(c.outage))
		back := newAttachment(2, &dialer{})
		back.links = a.links
		s.bus.attachment = back
		for range c.joins {
			s.bus.joins.waiting = append(s.bus.joins.waiting, asked(1, began))
		}
		took := time.Duration(0)
		for back.links[0].canary.asked = (time.Time{}); took < time.Minute; took += tick {
			back.links[0].canary.next = began.Add(time.Hour)
			s.step(began.Add(c.outage + took))
			if _, state := s.bus.current(); state == cluster.Healthy {
				break
			}
		}
		if took != c.want {
			t.Errorf("after an outage of %v with %d joins, messages are sent after %v, not %v", c.outage, c.joins, took, c.want)
		}
	}
}
