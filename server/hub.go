package server

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
)

// hubShards spreads users over locks, so that two reactors admitting a storm seldom meet at one. It is a
// power of two, for the mask.
const hubShards = 64

// user is somebody online. All but the id belongs to the lock of the user's shard.
type user struct {
	id    uuid.UUID
	name  string
	since int64            // when the first of the present connections came, Unix milliseconds
	first netpoll.Handle   // most users have one connection: it needs no slice
	more  []netpoll.Handle // the others
	left  int64            // when the last connection went, Unix milliseconds; 0 while there is one
	whole uint32           // tick at which the credit of those of their connections that have ended would be whole again
}

// hub knows who is online, and by which connections. Any goroutine may ask it.
type hub struct {
	most   atomic.Int64 // connections of one user; 0: no limit
	shards [hubShards]hubShard
	online atomic.Int64 // users with a connection
}

type hubShard struct {
	mu    sync.RWMutex
	users map[uuid.UUID]*user
}

func newHub() *hub {
	h := new(hub)
	for i := range h.shards {
		h.shards[i].users = make(map[uuid.UUID]*user)
	}
	return h
}

// of returns the user's shard. The last byte of a UUID is random in every version but 1 and 2.
func (h *hub) of(id uuid.UUID) *hubShard { return &h.shards[id[15]&(hubShards-1)] }

// join adds a connection, and says whether the user has arrived with it. One who was away for less than the
// grace period was never gone, and so does not arrive. It returns nil for one who has as many connections as a
// user may have: asked and answered under one lock, however many handshakes of theirs race. whole is the tick from
// which the connection may have a full burst of messages.
func (h *hub) join(id uuid.UUID, name string, c netpoll.Handle, now time.Time) (u *user, whole uint32, arrived bool) {
	s := h.of(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	u = s.users[id]
	if u == nil {
		u = &user{id: id}
		s.users[id] = u
		arrived = true
	}
	if most := int(h.most.Load()); most > 0 && u.first != 0 && 1+len(u.more) >= most {
		return nil, 0, false
	}
	u.name = name
	if u.first != 0 {
		u.more = append(u.more, c)
		return u, u.whole, false
	}
	u.first, u.since, u.left = c, now.UnixMilli(), 0
	h.online.Add(1)
	return u, u.whole, arrived
}

// leave removes a connection, whose credit would be whole at a tick, and says whether it was the user's last. The user
// is then away, until join brings them back or expire forgets them.
func (h *hub) leave(u *user, c netpoll.Handle, now time.Time, whole uint32) (last bool) {
	s := h.of(u.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if int32(whole-u.whole) > 0 {
		u.whole = whole
	}
	if u.first != c {
		if i := slices.Index(u.more, c); i >= 0 {
			u.more = slices.Delete(u.more, i, i+1)
		}
		return false
	}
	if n := len(u.more); n > 0 {
		u.first, u.more = u.more[n-1], u.more[:n-1]
		return false
	}
	u.first, u.left = 0, now.UnixMilli()
	h.online.Add(-1)
	return true
}

// nameOf returns the name of a user.
func (h *hub) nameOf(u *user) string {
	s := h.of(u.id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return u.name
}

// expire forgets a user who went away at the given time and has not been back since, and says whether so.
func (h *hub) expire(u *user, left int64) bool {
	s := h.of(u.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.first != 0 || u.left != left || s.users[u.id] != u {
		return false
	}
	delete(s.users, u.id)
	return true
}

// connections appends the handles of a user's connections to dst.
func (h *hub) connections(id uuid.UUID, dst []netpoll.Handle) []netpoll.Handle {
	s := h.of(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if u := s.users[id]; u != nil && u.first != 0 {
		dst = append(append(dst, u.first), u.more...)
	}
	return dst
}

// page returns up to limit of the users online whose id is greater than after, in order. It looks at
// everybody, and holds each lock only for its share; it is for administrators, not for the message path.
func (h *hub) page(after uuid.UUID, limit int) []OnlineUser {
	var all []OnlineUser
	for i := range h.shards {
		all = h.shards[i].list(after, all)
	}
	slices.SortFunc(all, func(a, b OnlineUser) int { return bytes.Compare(a.UserID[:], b.UserID[:]) })
	return all[:min(limit, len(all))]
}

func (s *hubShard) list(after uuid.UUID, dst []OnlineUser) []OnlineUser {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, u := range s.users {
		if u.first != 0 && (after == uuid.Nil || bytes.Compare(id[:], after[:]) > 0) {
			dst = append(dst, OnlineUser{UserID: id, Username: u.name, ConnectedAt: time.UnixMilli(u.since).UTC()})
		}
	}
	return dst
}
