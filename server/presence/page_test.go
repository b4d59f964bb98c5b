package presence

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/serial"
	"momentum/netpoll"
)

// walk asks for page after page and returns all ids. Between two pages it calls meanwhile.
func walk(h *Hub, limit int, meanwhile func()) (all []uuid.UUID) {
	after := uuid.Nil
	for {
		page := h.Page(after, limit)
		for _, row := range page {
			all = append(all, row.UserID)
		}
		if len(page) < limit {
			return all
		}
		after = page[limit-1].UserID
		meanwhile()
	}
}

// TestPagesShowEverybodyOnce walks over pages of several sizes, for each kind of ids, while other users come and go. All
// that are online throughout are shown once, in order.
func TestPagesShowEverybodyOnce(t *testing.T) {
	serial.Test(t)
	const steady, others = 1500, 150
	kinds := maps.Clone(versions)
	kinds["one shard"] = func(i int) uuid.UUID { return inShard(0, i) }
	for name, idOf := range kinds {
		n := newNode(t, Grace)
		random := rand.New(rand.NewPCG(5, 5))
		want := map[uuid.UUID]bool{}
		comeAndGo := map[uuid.UUID]*User{}
		for i := range steady + others {
			id := idOf(i)
			u, _, _ := n.hub.Join(id, "", netpoll.Handle(i+1), time.Time{}, ignore)
			if random.IntN(steady+others) < others {
				comeAndGo[id] = u
			} else {
				want[id] = true
			}
		}
		for _, limit := range []int{3, 100, 1499, 10_000} {
			got := walk(n.hub, limit, func() {
				for id, u := range comeAndGo {
					if u.Online() {
						n.hub.Leave(u, u.first, 0, 0)
					} else {
						n.hub.Join(id, "", 99_999, time.Time{}, ignore)
					}
					break
				}
			})
			if !slices.IsSortedFunc(got, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) {
				t.Errorf("%s: pages of %d are not in order", name, limit)
			}
			shown := map[uuid.UUID]int{}
			for _, id := range got {
				shown[id]++
			}
			for id := range want {
				if shown[id] != 1 {
					t.Errorf("%s: pages of %d show %v %d times", name, limit, id, shown[id])
				}
			}
			for id, times := range shown {
				if times > 1 || !want[id] && comeAndGo[id] == nil {
					t.Errorf("%s: pages of %d show %v %d times", name, limit, id, times)
				}
			}
		}
	}
}

// inShard returns the i-th of ids that belong to one shard.
func inShard(number, i int) (u uuid.UUID) {
	h := &Hub{shards: make([]shard, shardCount)}
	binary.BigEndian.PutUint32(u[:4], uint32(i+1))
	for h.shardOf(u) != &h.shards[number] {
		u[15]++
	}
	return u
}

func TestPageAfterTheLast(t *testing.T) {
	n := newNode(t, Grace)
	n.want("an empty hub", len(n.hub.Page(uuid.Nil, 10)), 0)
	n.join(1)
	n.join(2).leave()
	n.want("users who are away are not listed", len(n.hub.Page(uuid.Nil, 10)), 1)
	n.want("after the last", len(n.hub.Page(id(1), 10)), 0)
	n.want("a limit of 0", len(n.hub.Page(uuid.Nil, 0)), 0)
	row := n.hub.Page(uuid.Nil, 1)[0]
	n.want("row", row, OnlineUser{id(1), "user1", time.UnixMilli(1).UTC()})
	n.want("zone", row.ConnectedAt.Location(), time.UTC)
	n.join(1)
	n.want("since the first connection", n.hub.Page(uuid.Nil, 1)[0].ConnectedAt, row.ConnectedAt)
}

func TestEachYieldsEverybodyOnce(t *testing.T) {
	const users = 2000 + entriesAtOnce*shardCount
	n := newNode(t, Grace)
	want := map[uuid.UUID]bool{}
	for i := range users {
		if c := n.join(i + 1); i%7 == 0 {
			c.leave()
		} else {
			want[id(i+1)] = true
		}
	}
	for id := range n.hub.Each {
		if !want[id] {
			t.Fatalf("%v is yielded", id)
		}
		delete(want, id)
		if s := n.hub.shardOf(id); !s.mutex.TryLock() {
			t.Fatal("a lock is held during yield")
		} else {
			s.mutex.Unlock()
		}
	}
	n.want("not yielded", len(want), 0)
	for range n.hub.Each {
		break
	}
}
