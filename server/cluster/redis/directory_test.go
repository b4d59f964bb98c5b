package redis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// awaitMoved waits for what the node was told.
func (p *peer) awaitMoved(want ...string) {
	p.t.Helper()
	p.await(fmt.Sprint(want), func() bool {
		got := slices.Clone(p.moved)
		slices.Sort(got)
		return slices.Equal(got, want)
	})
	p.update(func() { p.moved = nil })
}

func (p *peer) wantOnline(users, doubles int) {
	p.t.Helper()
	p.await(fmt.Sprintf("%d users, %d doubles", users, doubles), func() bool {
		u, d := p.Online()
		return u == users && d == doubles
	})
}

// TestFirstAndLastNodeOfAUserAreReported has a user come to two nodes and leave them.
func TestFirstAndLastNodeOfAUserAreReported(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := healthy(t, s.URL()), healthy(t, s.URL())
	a.comes(1)
	a.awaitMoved("+user 1")
	b.comes(1)
	b.wantOnline(1, 1)
	a.goes(1)
	a.wantOnline(1, 0)
	b.comes(2)
	b.awaitMoved("+user 2")
	b.goes(1)
	b.awaitMoved("-user 1")
	b.wantOnline(1, 0)
	if len(a.moved) != 0 {
		t.Errorf("the other node was told %q", a.moved)
	}
}

// TestTheUsersOfADeadNodeAreSweptOnce has one of two users of a node that dies on another node, too.
func TestTheUsersOfADeadNodeAreSweptOnce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := healthy(t, s.URL()), healthy(t, s.URL())
	b.enter(user(1))
	for n := range byte(2) {
		b.comes(n)
	}
	b.awaitMoved("+user 0", "+user 1")
	a.comes(0)
	a.wantOnline(2, 1)
	b.Close()
	a.awaitMoved("-user 1")
	a.wantOnline(1, 0)
	if ttl := s.Do(t, "TTL", "mo:s:"+encoding.EncodeToString(uuidOf(1))); ttl.(int64) < 1 {
		t.Errorf("the counter expires after %v s", ttl)
	}
	a.await("end of the sweep", func() bool { return fmt.Sprint(s.Do(t, "ZCARD", "mo:ended")) == "0" })
}

// TestASweepLeavesTheCountersOfUsersThatHaveComeSinceThen sweeps the entry of a user whose channel a node has joined, and whom it has not
// entered yet.
func TestASweepLeavesTheCountersOfUsersThatHaveComeSinceThen(t *testing.T) {
	s := redistest.Start(t)
	a, b := healthy(t, s.URL()), healthy(t, s.URL())
	b.enter(user(1))
	b.comes(1)
	b.awaitMoved("+user 1")
	a.enter(user(1))
	b.Close()
	a.awaitMoved("-user 1")
	ttl := func() int64 { return s.Do(t, "TTL", "mo:s:"+userName(1)).(int64) }
	if got := ttl(); got < 1 {
		t.Errorf("after the sweep, the counter expires in %d s", got)
	}
	a.comes(1)
	a.awaitMoved("+user 1")
	if got := ttl(); got != -1 {
		t.Errorf("the counter of a user that is here expires in %d s", got)
	}
}

func uuidOf(n byte) []byte { id := user(n).User; return id[:] }

// TestUsersAreEnrolledInSilenceAfterALoss restarts Redis without its data.
func TestUsersAreEnrolledInSilenceAfterALoss(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	p.comes(1)
	p.comes(2)
	p.awaitMoved("+user 1", "+user 2")
	s.Kill(t)
	p.goes(2)
	p.comes(3)
	s.RestartEmpty(t)
	p.awaitMoved("+user 3", "-user 2")
	p.wantOnline(2, 0)
}

// TestAFormerNumberIsSweptAfterTheUsersAreEnrolled makes the node drop its moves.
func TestAFormerNumberIsSweptAfterTheUsersAreEnrolled(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	p.comes(1)
	p.comes(2)
	p.awaitMoved("+user 1", "+user 2")
	p.update(func() { p.users = p.users[:1] }) // the departure of the other was dropped
	m := &p.keeper.directory.moves
	m.mu.Lock()
	m.overflow = true
	m.mu.Unlock()
	p.awaitMoved("-user 2")
	p.wantOnline(1, 0)
}

func TestTheDirectoryIsSpreadOverManyHashes(t *testing.T) {
	n := names{prefix: "mo", tags: whole}
	seen := make(map[string]int)
	for range 4 * directoryParts {
		seen[n.directoryKey(0, uuid.New())]++
	}
	most := 0
	for _, users := range seen {
		most = max(most, users)
	}
	if len(seen) < directoryParts*9/10 || most > 20 {
		t.Errorf("%d hashes, one with %d users", len(seen), most)
	}
}

func TestMovesOfARedisClusterGoToTheirPartitions(t *testing.T) {
	t.Parallel()
	c := redistest.Cluster(t)
	p := start(t, "redis://"+strings.Join(c.Addrs(), ","), testHistory)
	p.awaitFor(2*patience, "health", func() bool { return p.State() == cluster.Healthy })
	var want []string
	for n := range byte(50) {
		p.comes(n)
		want = append(want, fmt.Sprint("+user ", n))
	}
	slices.Sort(want)
	p.awaitMoved(want...)
	p.wantOnline(50, 0)
}
