package presence

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
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
	n := &node{T: t, hub: NewHub(keep)}
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
	u, _, arrived := n.hub.Join(id(number), fmt.Sprint("user", number), n.handles, time.UnixMilli(int64(n.handles)))
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

// TestEntriesOutliveADeparture: a user who has left is known for as long as entries are kept, arrives anew when coming
// back, and keeps what the entry knew.
func TestEntriesOutliveADeparture(t *testing.T) {
	const keep = time.Minute
	n := newNode(t, keep)
	c := n.join(1)
	n.hub.Leave(c.user, c.handle, n.elapsed, 77)
	n.advance(keep - time.Second)
	n.want("user_left", len(n.heard()), 2)
	known := n.hub.With(id(1), func(u *User) { n.want("online", u.Online(), false) })
	n.want("known", known, true)
	u, creditFull, arrived := n.hub.Join(id(1), "again", 99, time.Time{})
	n.want("entry", u == c.user, true)
	n.want("credit", creditFull, 77)
	n.want("arrived", arrived, true)
	n.advance(2 * keep)
	n.want("online users are not forgotten", n.entries(), 1)
	n.hub.Leave(u, 99, n.elapsed, 0)
	n.advance(keep - 100*time.Millisecond)
	n.want("entries before the time is over", n.entries(), 1)
	n.advance(100 * time.Millisecond)
	n.want("entries", n.entries(), 0)
	n.want("known", n.hub.With(id(1), func(*User) {}), false)
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
	_, creditFull, _ := n.hub.Join(id(1), "", 99, time.Time{})
	n.want("tick", creditFull, 10)
}

func TestConnectionsOfAUserAreLimited(t *testing.T) {
	n := newNode(t, Grace)
	n.hub.SetLimit(2)
	n.join(1)
	c := n.join(1)
	refused := func() bool {
		u, _, _ := n.hub.Join(id(1), "one too many", 99, time.Time{})
		return u == nil
	}
	n.want("a third", refused(), true)
	n.hub.With(id(1), func(u *User) { n.want("name", u.Name(), "user1") })
	n.want("connections", n.hub.Connections(id(1), nil), []netpoll.Handle{1, 2})
	c.leave()
	n.want("in its place", refused(), false)
	n.want("another user's", n.join(2).user != nil, true)
	n.hub.SetLimit(0)
	n.want("without a limit", refused(), false)
}

// TestManyConnectionsOfAUser adds and removes connections at random. A list of them that is searched from end to end would
// make each removal cost as much as there are.
func TestManyConnectionsOfAUser(t *testing.T) {
	n := newNode(t, Grace)
	random := rand.New(rand.NewPCG(1, 1))
	var all []*connection
	for round := range 4000 {
		if grow := round < 1500 || round%3 == 0; grow || len(all) == 0 {
			all = append(all, n.join(1))
		} else {
			i := random.IntN(len(all))
			all[i].leave()
			n.want("a connection that has left", n.hub.Has(id(1), all[i].handle), false)
			all = slices.Delete(all, i, i+1)
		}
		if others := all[0].user.others; len(all) > fewConnections+1 && len(others.at) != len(others.list) {
			t.Fatalf("%d of %d connections are indexed", len(others.at), len(others.list))
		}
	}
	got := n.hub.Connections(id(1), nil)
	slices.Sort(got)
	var want []netpoll.Handle
	for _, c := range all {
		want = append(want, c.handle)
		n.want("a connection", n.hub.Has(id(1), c.handle), true)
	}
	slices.Sort(want)
	n.want("connections", got, want)
	for range all[0].user.Connections {
		break
	}
	if connections, err := n.hub.Audit(); connections != len(all) || err != nil {
		t.Errorf("the audit counts %d of %d connections: %v", connections, len(all), err)
	}
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

// absent is a user without a connection, to the model.
type absent struct {
	at   time.Duration
	left bool // announced
}

// TestHubAgainstAModel lets users come and go at random and compares what the hub says with a model that looks at
// everything.
func TestHubAgainstAModel(t *testing.T) {
	const users, keep = 300, 20 * time.Second
	random := rand.New(rand.NewPCG(7, 7))
	n := newNode(t, keep)
	n.announcer.announced = 24 * time.Hour // no summary: all are counted
	online, absents := map[int][]*connection{}, map[int]absent{}
	var joined, left int
	for range 30_000 {
		user := random.IntN(users)
		switch random.IntN(5) {
		case 0, 1:
			if a, known := absents[user]; len(online[user]) == 0 && (!known || a.left) {
				joined++
			}
			delete(absents, user)
			online[user] = append(online[user], n.join(user+1))
		case 2, 3:
			if all := online[user]; len(all) > 0 {
				i := random.IntN(len(all))
				all[i].leave()
				if online[user] = slices.Delete(all, i, i+1); len(all) == 1 {
					delete(online, user)
					absents[user] = absent{at: n.elapsed}
				}
			}
		default:
			n.elapsed += 50 * time.Millisecond
			n.announcer.Tick(n.elapsed)
			for user, a := range absents {
				if !a.left && n.elapsed-a.at >= Grace {
					left++
					absents[user] = absent{a.at, true}
				}
				if n.elapsed-a.at >= keep {
					delete(absents, user)
				}
			}
		}
		if got := n.entries(); got != len(online)+len(absents) || n.hub.Online() != len(online) {
			t.Fatalf("%d entries and %d users online, want %d and %d", got, n.hub.Online(), len(online)+len(absents), len(online))
		}
	}
	a := n.announcer
	n.want("joined", a.joined.count+countOf(n.published, "user_joined"), joined)
	n.want("left", a.left.count+countOf(n.published, "user_left"), left)
	connections := 0
	for _, all := range online {
		connections += len(all)
	}
	got, err := n.hub.Audit()
	n.want("connections", got, connections)
	n.want("audit", err, nil)
	page := n.hub.Page(uuid.Nil, users+1)
	n.want("page", len(page), len(online))
	for _, row := range page {
		oldest := netpoll.Handle(row.ConnectedAt.UnixMilli())
		if user := online[int(row.UserID[14])<<8+int(row.UserID[15])-1]; len(user) == 0 || oldest > user[0].handle {
			t.Errorf("%v is listed since connection %d", row.UserID, oldest)
		}
	}
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
		h := NewHub(Grace)
		for i := range users {
			h.Join(idOf(i), "", 1, time.Time{})
		}
		for i := range h.shards {
			if n := len(h.shards[i].users); n > 3*users/shardCount {
				t.Errorf("%s: %d of %d users in shard %d", name, n, users, i)
			}
		}
	}
}
