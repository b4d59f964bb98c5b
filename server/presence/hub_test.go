package presence

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/history"
)

// id returns the n-th of ids that differ in their last bytes only, as those of a counter do.
func id(n int) uuid.UUID { return uuid.UUID{13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)} }

// node is a hub and its announcer with a clock that moves when told to, and all that was published.
type node struct {
	*testing.T
	hub       *Hub
	announcer *Announcer
	elapsed   time.Duration
	published []string
	refuse    bool // messages
	handles   netpoll.Handle
}

func newNode(t *testing.T, keep time.Duration) *node {
	n := &node{T: t, hub: NewHub(history.Limits{Age: keep}, 0)}
	n.announcer = NewAnnouncer(n.hub, func(kind protocol.MessageType, data []byte, except uuid.UUID) bool {
		if !n.refuse {
			n.published = append(n.published, fmt.Sprintf("%v %s to all but %d", kind, data, except[15]))
		}
		return !n.refuse
	})
	return n
}

// join connects a user, as the server does.
func (n *node) join(number int) *connection {
	n.handles++
	u, _, arrived := n.hub.Join(id(number), fmt.Sprint("user", number), n.handles, time.UnixMilli(int64(n.handles)), ignore)
	if arrived {
		n.announcer.Arrived(Person{u.ID, u.Name()})
	}
	return &connection{n, u, n.handles}
}

type connection struct {
	n      *node
	user   *User
	handle netpoll.Handle
}

func (c *connection) leave() { c.n.hub.Leave(c.user, c.handle, c.n.elapsed, 0) }

// advance moves the clock tick by tick.
func (n *node) advance(d time.Duration) {
	const tick = 100 * time.Millisecond
	for end := n.elapsed + d; n.elapsed < end; {
		n.elapsed += tick
		n.announcer.Tick(n.elapsed)
	}
}

// heard returns what was published since the last call.
func (n *node) heard() (lines []string) {
	lines, n.published = n.published, nil
	return lines
}

// entries returns how many users the hub knows.
func (n *node) entries() (all int) {
	for i := range n.hub.shards {
		all += len(n.hub.shards[i].users)
	}
	return all
}

func (n *node) want(what string, got, want any) {
	n.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		n.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestUserArrivesWithTheFirstConnectionAndLeavesAfterTheLast(t *testing.T) {
	n := newNode(t, Grace)
	first := n.join(1)
	second := n.join(1)
	n.want("two connections", n.heard(), `[user_joined {"user_id":"00000000-0000-0000-0000-000000000001","username":"user1"} to all but 1]`)
	first.leave()
	n.advance(time.Minute)
	n.want("one of two has gone", n.heard(), "[]")
	second.leave()
	n.advance(Grace - 100*time.Millisecond)
	n.want("within the grace period", n.heard(), "[]")
	n.advance(100 * time.Millisecond)
	n.want("after it", n.heard(), `[user_left {"user_id":"00000000-0000-0000-0000-000000000001","username":"user1"} to all but 1]`)
	n.want("entries", n.entries(), 0)
}

// TestReturnWithinTheGraceIsSilent has a user leave, come back and leave again: the second absence has a grace period of
// its own, whatever is left of the first.
func TestReturnWithinTheGraceIsSilent(t *testing.T) {
	n := newNode(t, Grace)
	n.join(1).leave()
	n.heard()
	n.advance(Grace - time.Second)
	c := n.join(1)
	n.advance(500 * time.Millisecond)
	c.leave()
	n.advance(Grace - 100*time.Millisecond)
	n.want("within the second grace period", n.heard(), "[]")
	n.want("entries", n.entries(), 1)
	n.advance(100 * time.Millisecond)
	n.want("after it", len(n.heard()), 1)
}

func TestCreditOfUsersIsTheLatestOfTheirConnections(t *testing.T) {
	n := newNode(t, Grace)
	a, b, c := n.join(1), n.join(1), n.join(1)
	const wrapped = 1<<32 - 1 // a tick before 10, where ticks begin anew
	for _, leave := range []struct {
		c    *connection
		full uint32
	}{{a, wrapped}, {b, 10}, {c, wrapped}} {
		n.hub.Leave(leave.c.user, leave.c.handle, 0, leave.full)
	}
	for range 2 { // with the first connection and with another
		n.handles++
		_, creditFull, _ := n.hub.Join(id(1), "", n.handles, time.Time{}, ignore)
		n.want("tick", creditFull, 10)
	}
}

func TestConnectionsOfAUserAreLimited(t *testing.T) {
	n := newNode(t, Grace)
	n.hub.SetLimit(2)
	n.join(1)
	c := n.join(1)
	refused := func() bool {
		u, _, _ := n.hub.Join(id(1), "one too many", 99, time.Time{}, ignore)
		return u == nil
	}
	n.want("room for a third", n.hub.HasRoom(id(1)), false)
	n.want("room for a user that is not known", n.hub.HasRoom(id(2)), true)
	n.want("a third", refused(), true)
	n.hub.With(id(1), func(u *User, _ *history.Store) { n.want("name", u.Name(), "user1") })
	n.want("the same name", n.hub.Name(c.user), "user1")
	n.want("connections", n.hub.Connections(id(1), nil), []netpoll.Handle{1, 2})
	c.leave()
	n.want("room in its place", n.hub.HasRoom(id(1)), true)
	n.want("in its place", refused(), false)
	n.want("another user's", n.join(2).user != nil, true)
	n.hub.SetLimit(0)
	n.want("room without a limit", n.hub.HasRoom(id(1)), true)
	n.want("without a limit", refused(), false)
}

// TestLeavingTwiceIsOnce: a connection that the user does not have changes nothing.
func TestLeavingTwiceIsOnce(t *testing.T) {
	n := newNode(t, Grace)
	a, b := n.join(1), n.join(2)
	a.leave()
	a.leave()
	n.hub.Leave(b.user, 99, 0, 0)
	n.want("online", n.hub.Online(), 1)
	n.advance(time.Minute)
	n.want("announced", len(n.heard()), 3)
	_, err := n.hub.Audit()
	n.want("audit", err, nil)
}

func countOf(lines []string, kind string) (count int) {
	for _, line := range lines {
		if bytes.HasPrefix([]byte(line), []byte(kind)) {
			count++
		}
	}
	return count
}

func TestUsersAreSpreadOverTheShards(t *testing.T) {
	const users = 64 * shardCount
	for name, idOf := range versions {
		h := NewHub(history.Limits{}, 0)
		for i := range users {
			h.Join(idOf(i), "", 1, time.Time{}, ignore)
		}
		for i := range h.shards {
			if n := len(h.shards[i].users); n > 3*users/shardCount {
				t.Errorf("%s: %d of %d users in shard %d", name, n, users, i)
			}
		}
	}
}

// ignore looks at nothing.
func ignore(*User, *history.Store) {}
