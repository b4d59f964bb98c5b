// Package presence knows which users are online, by which connections, and announces arrivals and departures. It knows
// neither sessions nor reactors: the server hands it connections by their handles and a function that sends its messages.
package presence

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/history"
	"momentum/server/ordered"
)

// Hub keeps an entry for each user that is online or was online a moment ago. Any goroutine may call it.
//
// It takes two kinds of time. The host's date, a time.Time, is only shown to people. Whatever is measured is measured
// in elapsed time, a time.Duration since the server started, which no change of the host's date affects.
type Hub struct {
	keep   time.Duration // from a user's last connection until the entry is forgotten, unless Grace is longer
	limit  atomic.Int64  // connections of one user; 0: no limit
	online atomic.Int64  // users with a connection
	shards []shard
}

// shard is the part of the hub under one lock. Each operation holds the lock for a bounded number of entries.
type shard struct {
	guard
	users   map[uuid.UUID]*User     // all entries
	present ordered.Set[key, *User] // users that have not left: those online and users away; in the order of their ids
	away    queue                   // users without a connection, which may be back within Grace
	left    queue                   // users that have left; their entry is kept for a while
	directs history.Store           // the direct messages of all entries
}

// NewHub makes an empty hub. The direct messages of a user are kept within the limits, and those of all users within room
// bytes. The hub forgets a user when the last connection has been gone for the age of the limits, but not before Grace is
// over.
func NewHub(directs history.Limits, room int) *Hub { return newHub(directs, room, shardCount) }

func newHub(directs history.Limits, room, shards int) *Hub {
	h := &Hub{keep: max(Grace, directs.Age), shards: make([]shard, shards)}
	for i := range h.shards {
		h.shards[i].users = make(map[uuid.UUID]*User)
		h.shards[i].directs = history.NewStore(directs, room/shards)
	}
	return h
}

// SetLimit limits the connections of each user; 0 is no limit. Connections above a lower limit stay.
func (h *Hub) SetLimit(connections int) { h.limit.Store(int64(connections)) }

// Online returns how many users are online.
func (h *Hub) Online() int { return int(h.online.Load()) }

// Kept returns the memory that the kept direct messages of all users take, and its limit, both in bytes.
func (h *Hub) Kept() (bytes, limit int) {
	for i := range h.shards {
		s := &h.shards[i]
		s.Lock()
		bytes, limit = bytes+s.directs.Bytes(), limit+s.directs.Room()
		s.Unlock()
	}
	return bytes, limit
}

// shardOf spreads users over the shards by all bytes of their ids: in some versions of UUID the first ones are a time,
// in others the last ones are the same for all.
func (h *Hub) shardOf(id uuid.UUID) *shard {
	mixed := (binary.BigEndian.Uint64(id[:8]) ^ binary.BigEndian.Uint64(id[8:])) * 0x9e3779b97f4a7c15
	return &h.shards[mixed>>32*uint64(len(h.shards))>>32]
}

// Join adds a connection and reports whether the user has arrived with it: a user that was away for less than Grace has
// not left, and so does not arrive. It returns nil if the user has as many connections as allowed. That is decided under
// the lock that adds the connection, so handshakes of one user cannot pass the limit together. creditFull is the tick at
// which the messages that the user's former connections have sent are paid for. do is called under the same lock, under
// which direct messages are also numbered and posted: the connection gets all messages after the number that do sees.
func (h *Hub) Join(id uuid.UUID, name string, c netpoll.Handle, date time.Time, do Look) (u *User, creditFull uint32, arrived bool) {
	s := h.shardOf(id)
	s.Lock()
	defer s.Unlock()
	u = s.entry(id)
	if limit := int(h.limit.Load()); limit > 0 && u.connections() >= limit {
		return nil, 0, false
	}
	u.name = name
	if u.Online() {
		u.add(c)
	} else {
		arrived = s.arrive(u)
		u.first, u.since = c, date.UnixMilli()
		h.online.Add(1)
	}
	do(u, &s.directs)
	return u, u.creditFull, arrived
}

// HasRoom reports whether Join would add a connection of the user now.
func (h *Hub) HasRoom(id uuid.UUID) bool {
	limit, room := int(h.limit.Load()), true
	h.With(id, func(u *User, _ *history.Store) { room = limit == 0 || u.connections() < limit })
	return room
}

// Prepare calls do for the entry of a user that is about to connect, and makes the entry if there is none. If the user does not
// connect, the entry is forgotten after the same time as that of a user that has left.
func (h *Hub) Prepare(id uuid.UUID, elapsed time.Duration, do Look) {
	s := h.shardOf(id)
	s.Lock()
	defer s.Unlock()
	u := s.entry(id)
	if !u.Online() && u.queue == nil {
		s.left.push(u, elapsed)
	}
	do(u, &s.directs)
}

// entry returns the entry of a user, and makes one if there is none.
func (s *shard) entry(id uuid.UUID) *User {
	u := s.users[id]
	if u == nil {
		u = &User{ID: id, Directs: s.directs.Open()}
		s.users[id] = u
	}
	return u
}

// arrive removes a user that comes online from the queues, and reports whether the arrival is to be announced.
func (s *shard) arrive(u *User) bool {
	arrived := u.queue != &s.away
	if u.queue != nil {
		u.queue.remove(u)
	}
	if arrived {
		s.present.Insert(u)
	}
	return arrived
}

// Leave removes a connection. A user whose last connection it was is away, until Join brings the user back or
// departures reports that the user has left. creditFull is the tick at which the messages that the connection has sent
// are paid for. Leave reports whether it was the last connection.
func (h *Hub) Leave(u *User, c netpoll.Handle, elapsed time.Duration, creditFull uint32) (last bool) {
	s := h.shardOf(u.ID)
	s.Lock()
	defer s.Unlock()
	if int32(creditFull-u.creditFull) > 0 {
		u.creditFull = creditFull
	}
	if !u.remove(c) || u.Online() {
		return false
	}
	s.away.push(u, elapsed)
	h.online.Add(-1)
	return true
}

// Look is a function that is called under the lock of a user's shard, with the user's entry and the store of its direct
// messages. It must not call the hub. Its knowledge of the entry may be old after the call.
type Look func(u *User, directs *history.Store)

// With calls do for a user's entry, and reports whether there is one. A user has an entry while online, and afterwards for
// the time that entries are kept.
func (h *Hub) With(id uuid.UUID, do Look) bool {
	s := h.shardOf(id)
	s.Lock()
	defer s.Unlock()
	u := s.users[id]
	if u == nil {
		return false
	}
	do(u, &s.directs)
	return true
}

// Name returns the name that a user's last connection came with. The caller has the entry, so nothing is looked up: each message
// carries the name.
func (h *Hub) Name(u *User) string {
	s := h.shardOf(u.ID)
	s.Lock()
	name := u.name
	s.Unlock()
	return name
}

// Connections appends the handles of a user's connections to dst.
func (h *Hub) Connections(id uuid.UUID, dst []netpoll.Handle) []netpoll.Handle {
	s := h.shardOf(id)
	s.Lock()
	defer s.Unlock()
	if u := s.users[id]; u != nil {
		for c := range u.Connections {
			dst = append(dst, c)
		}
	}
	return dst
}

// Has reports whether the user has the connection.
func (h *Hub) Has(id uuid.UUID, c netpoll.Handle) (has bool) {
	h.With(id, func(u *User, _ *history.Store) { has = u.has(c) })
	return has
}
