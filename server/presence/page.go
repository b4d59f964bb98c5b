package presence

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"
)

// OnlineUser is one row of GET /ws/online.
type OnlineUser struct {
	UserID      uuid.UUID `json:"user_id"`
	Username    string    `json:"username"`
	ConnectedAt time.Time `json:"connected_at"`
}

// visit calls do with up to limit of the shard's users that are online or away and whose ids are greater than an id, in
// order. It returns the last one's id, and whether there may be more.
func (s *shard) visit(after uuid.UUID, limit int, do func(*User)) (last uuid.UUID, more bool) {
	s.Lock()
	defer s.Unlock()
	last = after
	s.look(s.present.After(keyOf(&after), limit, func(u *User) {
		last = u.ID
		limit--
		do(u)
	}))
	return last, limit == 0
}

// Page returns up to limit of the users online whose ids are greater than after, in order; nobody's id is the zero UUID.
// It costs what it returns, however many are online. While many users are away and have not left yet, it passes over them:
// a round that has brought little is followed by a larger one.
func (h *Hub) Page(after uuid.UUID, limit int) []OnlineUser {
	page := make([]OnlineUser, 0, max(0, min(limit, h.Online())))
	share := limit*5/4/len(h.shards) + 8
	for more := true; more && len(page) < limit; {
		var round []OnlineUser
		share = min(share, entriesAtOnce)
		round, after, more = h.round(after, share)
		page = append(page, round[:min(len(round), limit-len(page))]...)
		share = share*(limit-len(page))*5/4/max(len(round), 1) + 8
	}
	return page
}

// round returns users online whose ids are greater than after, in order. It looks at up to share users of each shard.
// Where a shard may have more, its next one may come right after its last: so rows are returned up to the first of
// these last ones, with which the next round has to begin.
func (h *Hub) round(after uuid.UUID, share int) (rows []OnlineUser, end uuid.UUID, more bool) {
	rows = make([]OnlineUser, 0, min(share*len(h.shards), h.Online()))
	for i := range h.shards {
		last, further := h.shards[i].visit(after, share, func(u *User) {
			if u.Online() {
				rows = append(rows, OnlineUser{UserID: u.ID, Username: u.name, ConnectedAt: time.UnixMilli(u.since).UTC()})
			}
		})
		if further && (!more || bytes.Compare(last[:], end[:]) < 0) {
			end, more = last, true
		}
	}
	slices.SortFunc(rows, func(a, b OnlineUser) int { return bytes.Compare(a.UserID[:], b.UserID[:]) })
	if more {
		beyond := slices.IndexFunc(rows, func(row OnlineUser) bool { return bytes.Compare(row.UserID[:], end[:]) > 0 })
		if beyond >= 0 {
			rows = rows[:beyond]
		}
	}
	return rows, end, more
}

// Each yields the ids of all users online, in no order, until yield returns false. It copies some at a time, so that no
// lock is held during yield. A user that is online throughout is yielded once; one that comes or goes meanwhile may be
// yielded or not.
func (h *Hub) Each(yield func(uuid.UUID) bool) {
	var scratch [entriesAtOnce]uuid.UUID
	for i := range h.shards {
		for after, more := uuid.Nil, true; more; {
			ids := scratch[:0]
			after, more = h.shards[i].visit(after, len(scratch), func(u *User) {
				if u.Online() {
					ids = append(ids, u.ID)
				}
			})
			for _, id := range ids {
				if !yield(id) {
					return
				}
			}
		}
	}
}
