package presence

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/server/history"
)

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

// TestUsersWithoutAConnectionKeepNoList: their entries may be kept for minutes.
func TestUsersWithoutAConnectionKeepNoList(t *testing.T) {
	n := newNode(t, Grace)
	a, b := n.join(1), n.join(1)
	a.leave()
	n.want("connections", n.hub.Connections(id(1), nil), []netpoll.Handle{b.handle})
	b.leave()
	n.want("no list", b.user.others == nil, true)
}

// TestUsersAreSmall holds that a user online, with a channel without messages, takes at most 200 bytes, with all lists and their room
// for growth.
func TestUsersAreSmall(t *testing.T) {
	for _, users := range []int{60_000, 100_000, 150_000} {
		ids := randomIDs(users)
		heap := func() int {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return int(m.HeapAlloc)
		}
		h, before := NewHub(history.Limits{Messages: 100, Bytes: 64 << 10, Age: time.Minute}, 1<<20), heap()
		for i, id := range ids {
			h.Join(id, "some.user.name", netpoll.Handle(i+1), time.Time{}, ignore)
		}
		each := (heap() - before) / users
		if t.Logf("%d users: %d bytes each", users, each); each > 200 {
			t.Errorf("a user takes %d bytes", each)
		}
		runtime.KeepAlive(h)
	}
}
