package topics

import (
	"time"

	"momentum/server/presence"
)

// room is the presence of a topic, while subscribers ask for it. It belongs to the lock of the topic's shard; the users in it have
// a lock of their own, under which messages are published: so it is never called under the shard's.
type room struct {
	users *presence.Room
	asks  []int32 // subscriptions that ask for presence, on each reactor
	total int
	index int // in the shard's list
}

// share returns what one subscription of the topic counts for the limit, beyond itself.
func (t *Topic) share() int {
	if t == nil || t.room == nil {
		return 0
	}
	return occupantShare
}

// Room returns the presence of the topic, or nil if no subscriber asks for it. The caller holds the topic's lock.
func (t *Topic) Room() *presence.Room {
	if t.room == nil {
		return nil
	}
	return t.room.users
}

// Asks reports whether a subscriber on a reactor asks for presence. The caller holds the topic's lock.
func (t *Topic) Asks(reactor int) bool { return t.room != nil && t.room.asks[reactor] > 0 }

// Ask says that a subscription on a reactor asks for presence. If the topic has no room, Ask opens one that publishes with the
// given function, and calls opened under the topic's lock: subscriptions that are not known to the room yet are on reactors
// for which On returns true. ok is false if there is no room within the limit on subscriptions.
func (r *Registry) Ask(t *Topic, reactor int, publish presence.Publish, opened func(*presence.Room)) (ok bool) {
	s := r.shardOf([]byte(t.Name))
	s.Lock()
	defer s.Unlock()
	if t.room == nil {
		if !r.take(0, roomShare+occupantShare*t.total) {
			return false
		}
		t.room = &room{users: presence.NewRoom(publish), asks: make([]int32, r.reactors), index: len(s.rooms)}
		s.rooms = append(s.rooms, t.room)
		opened(t.room.users)
	}
	t.room.asks[reactor]++
	t.room.total++
	return true
}

// StopAsking says that a subscription no longer asks for presence. The last one closes the room.
func (r *Registry) StopAsking(t *Topic, reactor int) {
	s := r.shardOf([]byte(t.Name))
	s.Lock()
	defer s.Unlock()
	t.room.asks[reactor]--
	if t.room.total--; t.room.total > 0 {
		return
	}
	last := s.rooms[len(s.rooms)-1]
	s.rooms[t.room.index], last.index = last, t.room.index
	s.rooms[len(s.rooms)-1] = nil
	s.rooms = s.rooms[:len(s.rooms)-1]
	r.give(0, roomShare+occupantShare*t.total)
	t.room.users.Close()
	t.room = nil
}

// TickRooms announces the departures from the topics' rooms, and summaries that are due. It looks at a bounded number of rooms;
// the next call goes on. One goroutine calls it.
func (r *Registry) TickRooms(elapsed time.Duration) {
	var some [roomsAtOnce]*presence.Room
	for i := range r.shards {
		for _, room := range r.shards[i].nextRooms(some[:0]) {
			room.Tick(elapsed)
		}
	}
}

// nextRooms appends to dst the next rooms of the shard, up to its capacity and each at most once.
func (s *shard) nextRooms(dst []*presence.Room) []*presence.Room {
	s.Lock()
	defer s.Unlock()
	for range min(len(s.rooms), cap(dst)) {
		if s.next >= len(s.rooms) {
			s.next = 0
		}
		dst = append(dst, s.rooms[s.next].users)
		s.next++
	}
	return dst
}
