package redis

import (
	"fmt"
	"slices"
	"testing"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestAKilledRedisComesBackWithItsData(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "appendonly yes", "appendfsync always")
	a, b := healthy(t, s.URL(), broadcast, user(1)), healthy(t, s.URL(), broadcast, user(1))
	epoch := a.EpochOf(user(1))
	var want []string
	for i := range 50 {
		want = append(want, fmt.Sprintf("%03d", i))
		a.say([]cluster.Channel{broadcast, user(1)}[i%2], want[i])
	}
	a.outcome("049")
	s.Kill(t)
	a.await("loss", func() bool { return a.Bus.State() == cluster.Held })
	for i := 50; i < 60; i++ {
		want = append(want, fmt.Sprintf("%03d", i))
		a.say([]cluster.Channel{broadcast, user(1)}[i%2], want[i])
	}
	s.Restart(t)
	for _, p := range []*peer{a, b} {
		p.awaitFor(patience/3, "health", func() bool { return p.Bus.State() == cluster.Healthy && p.rejoins == 2 })
		got := p.awaitTexts(60)
		for _, odd := range []byte{0, 1} { // missed messages are read by channel, so those of two may be exchanged
			if !slices.Equal(pick(got, odd), pick(want, odd)) {
				t.Errorf("%q", got)
			}
		}
	}
	if a.EpochOf(user(1)) == epoch {
		t.Error("the epoch is the same after a restart, which may have lost numbers")
	}
}

func TestAnEmptyRedisHasAnotherEpoch(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	epoch := p.EpochOf(user(1))
	s.Do(t, "FLUSHALL")
	p.await("another attachment", func() bool { return p.rejoins == 2 && p.Bus.State() == cluster.Healthy })
	if p.EpochOf(user(1)) == epoch || p.EpochOf(user(1)) == 0 {
		t.Errorf("the epoch is %v after %v", p.EpochOf(user(1)), epoch)
	}
	p.say(user(1), "a")
	if o := p.outcome("a"); o.Nodes != 1 || o.Err != nil {
		t.Errorf("%+v", o)
	}
}

func TestACutSubscriptionIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	s.Do(t, "CLIENT", "KILL", "TYPE", "pubsub")
	for i := range 20 {
		p.say(user(1), fmt.Sprint(i))
	}
	p.awaitTexts(20)
	p.await("another attachment", func() bool { return p.rejoins == 2 && p.Bus.State() == cluster.Healthy })
}

func TestAWrongPasswordIsNoReasonToEnd(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "requirepass right")
	p := start(t, "redis://:wrong@"+s.Addr(), testHistory)
	p.await("local mode", func() bool { return p.Bus.State() == cluster.Local })
	s.Do(t, "CONFIG", "SET", "requirepass", "wrong")
	p.await("health", func() bool { return p.Bus.State() == cluster.Healthy })
}

// TestANodeLearnsThatAConnectionHasEnded that was never proven, so that the state does not change: else handshakes would go on to wait for the bus.
func TestANodeLearnsThatAConnectionHasEnded(t *testing.T) {
	p := newPeer(t)
	b := &Bus{inbox: newInbox(p, inboxBytes), joins: newJoins(), state: cluster.Local, wake: make(chan struct{}, 1)}
	b.detached()
	b.inbox.make(b.inbox.waiting)
	if !slices.Equal(p.states, []cluster.State{cluster.Local}) || p.rejoins > 0 {
		t.Errorf("the node learns of %v, and joins its channels again %d times", p.states, p.rejoins)
	}
}
