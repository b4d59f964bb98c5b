package topics

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/presence"
)

// asked makes a registry with a topic that has a subscription on each of two reactors, the first of which asks for presence.
func asked(t *testing.T, limit int) (r *Registry, topic *Topic, opened int, ok bool) {
	t.Helper()
	r = New(2, limits, 1<<20, limit, 1)
	topic = r.Subscribe([]byte("news"), 0, ignore)
	r.Subscribe([]byte("news"), 1, ignore)
	ok = r.Ask(topic, 0, quiet, func(*presence.Room) { opened++ })
	return r, topic, opened, ok
}

func quiet(protocol.MessageType, []byte, uuid.UUID) bool { return true }

// TestARoomIsOpenWhileASubscriberAsks opens a room with the first request and closes it with the last.
func TestARoomIsOpenWhileASubscriberAsks(t *testing.T) {
	r, topic, opened, ok := asked(t, 0)
	room := topic.Room()
	if !ok || opened != 1 || room == nil || !topic.Asks(0) || topic.Asks(1) {
		t.Fatalf("after the first request: %v, opened %d times, %v, asks %v and %v", ok, opened, room, topic.Asks(0), topic.Asks(1))
	}
	r.Ask(topic, 1, quiet, func(*presence.Room) { t.Error("the room is opened again") })
	r.StopAsking(topic, 0)
	if topic.Asks(0) || !topic.Asks(1) || room.Closed() {
		t.Error("the end of one of two requests closes the room, or still counts")
	}
	r.StopAsking(topic, 1)
	if topic.Room() != nil || topic.Asks(1) || !room.Closed() || r.rooms.Load() != 0 {
		t.Errorf("after the last request: %v, closed %v, %d counted", topic.Room(), room.Closed(), r.rooms.Load())
	}
}

// TestRoomsCountForTheLimit gives the room, and each subscription of its topic, its share of the limit on subscriptions.
func TestRoomsCountForTheLimit(t *testing.T) {
	const full = 2 + roomShare + 2*occupantShare
	if _, topic, opened, ok := asked(t, full-1); ok || opened > 0 || topic.Room() != nil {
		t.Error("a room is opened above the limit")
	}
	r, topic, _, ok := asked(t, full+occupantShare)
	if !ok || r.Subscribe([]byte("news"), 1, ignore) != nil {
		t.Errorf("within the limit the room is %v, or a subscription above the limit is taken", ok)
	}
	if r.Unsubscribe(topic, 1, 0) != topic.Room() || r.Subscribe([]byte("news"), 1, ignore) == nil {
		t.Error("a subscription that has ended still counts, or is not in the room")
	}
	r.StopAsking(topic, 0)
	if r.Subscriptions() != 2 || r.rooms.Load() != 0 {
		t.Errorf("%d subscriptions, and %d for rooms", r.Subscriptions(), r.rooms.Load())
	}
}

// TestTicksLookAtABoundedNumberOfRooms has users leave more rooms of a shard than a tick looks at.
func TestTicksLookAtABoundedNumberOfRooms(t *testing.T) {
	r := New(1, limits, 1<<20, 0, 1)
	left := 0
	count := func(protocol.MessageType, []byte, uuid.UUID) bool { left++; return true }
	const rooms = 3*roomsAtOnce + 1
	for i := range rooms * shardCount {
		topic := r.Subscribe(fmt.Append(nil, i), 0, ignore)
		r.Ask(topic, 0, count, func(room *presence.Room) {
			p := presence.Person{ID: uuid.UUID{1}}
			room.Enroll(p, netpoll.Handle(1))
			room.Leave(p, netpoll.Handle(1), 0)
		})
	}
	for ticks := 1; left < rooms*shardCount; ticks++ {
		before := left
		r.TickRooms(presence.Grace)
		if n := left - before; n > roomsAtOnce*shardCount || n == 0 || ticks > 2*rooms/roomsAtOnce {
			t.Fatalf("tick %d looks at %d rooms", ticks, n)
		}
	}
	r.With([]byte("1"), func(topic *Topic, _ *history.Store) {
		if topic.Room().Online() != 0 {
			t.Error("a user is still there")
		}
	})
}

// TestClosedRoomsLeaveTheList opens and closes rooms at random: a tick looks at those that are open.
func TestClosedRoomsLeaveTheList(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	r := New(1, limits, 1<<20, 0, 1)
	topics := make([]*Topic, 300)
	for i := range topics {
		topics[i] = r.Subscribe(fmt.Append(nil, i), 0, ignore)
	}
	for range 5000 {
		if topic := topics[random.IntN(len(topics))]; topic.Room() == nil {
			r.Ask(topic, 0, quiet, func(*presence.Room) {})
		} else {
			r.StopAsking(topic, 0)
		}
	}
	open, listed := 0, 0
	for _, topic := range topics {
		if topic.Room() != nil {
			open++
		}
	}
	for i := range r.shards {
		for at, room := range r.shards[i].rooms {
			if listed++; room.index != at || room.users.Closed() {
				t.Errorf("a room with index %d is at %d, closed %v", room.index, at, room.users.Closed())
			}
		}
	}
	if open != listed || open == 0 {
		t.Errorf("%d rooms are open, %d listed", open, listed)
	}
}

func BenchmarkTickRooms(b *testing.B) {
	r := New(1, limits, 1<<20, 0, 1)
	for i := range 2 * roomsAtOnce * shardCount {
		r.Ask(r.Subscribe(fmt.Append(nil, i), 0, ignore), 0, quiet, func(*presence.Room) {})
	}
	for i := 0; b.Loop(); i++ {
		r.TickRooms(time.Duration(i) * 100 * time.Millisecond)
	}
}
