package sim

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/directory"
)

// registry is the directory of a world, with the parts between it and the node: a cache, queries under way, and
// notifications that take a while. As in the real parts, a notification first drops the user from the cache and then
// deactivates the user.
type registry struct {
	w          *world
	users      map[uuid.UUID]*user
	remembered map[uuid.UUID]directory.Standing
	asked      []question
	news       []news
	slow       time.Duration // the longest time of an answer
	downUntil  time.Time     // until then no question is answered
	said       directory.Standing
}

type question struct {
	u      *user
	found  directory.Standing // when it was asked: an answer may be old when it comes
	told   int
	handle netpoll.Handle
	at, by time.Time
	to     directory.Asker
}

// news is a change of a user's standing that has not reached the node yet.
type news struct {
	at time.Time
	u  *user
}

// unanswered stands for an answer that the directory has not given yet.
const unanswered = directory.Standing(255)

var errDown = errors.New("the directory is down")

func newRegistry(w *world) *registry {
	return &registry{w: w, users: map[uuid.UUID]*user{}, remembered: map[uuid.UUID]directory.Standing{}}
}

// Recall is server.Directory's.
func (r *registry) Recall(id uuid.UUID) (directory.User, bool) {
	standing, fresh := r.remembered[id]
	if fresh {
		r.said = standing
	}
	return r.users[id].entry(standing), fresh
}

// Ask is server.Directory's.
func (r *registry) Ask(id uuid.UUID, by time.Time, to directory.Asker) {
	takes, u := time.Duration(0), r.users[id]
	if r.slow > 0 {
		takes = time.Duration(r.w.random.Int64N(int64(r.slow)))
	}
	r.asked = append(r.asked, question{u: u, found: u.standing, told: u.told, at: r.w.net.Now().Add(takes), by: by, to: to})
}

// questions returns how many are under way.
func (r *registry) questions() int {
	if r == nil {
		return 0
	}
	r.said = unanswered
	return len(r.asked)
}

func (r *registry) idle() bool { return r == nil || len(r.asked) == 0 }

// receives notes the connection for which a query was sent just now, or answered from the cache.
func (r *registry) receives(handle netpoll.Handle, before int) {
	if r == nil {
		return
	}
	if len(r.asked) > before {
		r.asked[before].handle = handle
	}
	if c := r.w.byHandle[handle]; c != nil && c.phase == asking {
		c.said = r.said
	}
}

// work answers one question that can be answered, or that may wait no longer.
func (r *registry) work() bool {
	if r == nil {
		return false
	}
	now := r.w.net.Now()
	for i, q := range r.asked {
		down := now.Before(r.downUntil)
		if now.Before(q.by) && (down || now.Before(q.at)) {
			continue
		}
		r.asked = append(r.asked[:i:i], r.asked[i+1:]...)
		c := r.w.byHandle[q.handle]
		if c != nil && c.phase == asking {
			c.next = len(r.w.model.forAll.all) // broadcasts posted from now on come after its admission
		} else {
			c = nil
		}
		if !now.Before(q.by) {
			if c != nil {
				c.unanswered = true
			}
			q.to.Answer(directory.User{}, errDown)
			return true
		}
		if q.told == q.u.told { // it has not been forgotten meanwhile
			r.remembered[q.u.id] = q.found
		}
		if c != nil {
			c.said = q.found
		}
		q.to.Answer(q.u.entry(q.found), nil)
		return true
	}
	return false
}

// tell delivers the notifications that are due, or all of them.
func (r *registry) tell(all bool) {
	if r == nil {
		return
	}
	for len(r.news) > 0 && (all || !r.news[0].at.After(r.w.net.Now())) {
		u := r.news[0].u
		r.news = r.news[1:]
		delete(r.remembered, u.id)
		u.told, u.unanswered = u.told+1, u.unanswered-1
		if u.standing == directory.Active {
			u.clearedAt = r.w.net.Now()
			continue
		}
		r.w.turn++
		u.deactivated = r.w.turn
		r.w.mustBeClosed(4003, u.live)
		over, cancel := context.WithCancel(context.Background())
		cancel() // nothing in a simulated world may wait
		_ = r.w.server.Deactivate(over, u.id)
	}
}

// happen injects faults of the directory now and then: an outage, slow answers, and changes of accounts.
func (r *registry) happen() {
	if r == nil {
		return
	}
	random, now := r.w.random, r.w.net.Now()
	switch n := random.IntN(3000); {
	case n < 2:
		r.downUntil = now.Add(time.Duration(random.IntN(20000)) * time.Millisecond)
	case n < 10:
		r.slow = time.Duration(random.IntN(3)) * time.Duration(random.IntN(3000)) * time.Millisecond
	case n < 40:
		clear(r.remembered)
	case n < 80:
		r.change(r.w.users[random.IntN(len(r.w.users))])
	case n < 180 && len(r.asked) > 0: // while it is asked about them
		r.change(r.asked[random.IntN(len(r.asked))].u)
	}
}

func (r *registry) change(u *user) {
	if u == r.w.witness.user || u.standing == directory.Unknown {
		return
	}
	if u.standing == directory.Active {
		u.standing = directory.Inactive
	} else {
		u.standing = directory.Active
	}
	u.unanswered++
	r.news = append(r.news, news{r.w.net.Now().Add(time.Duration(r.w.random.IntN(1000)) * time.Millisecond), u})
}

// enrol gives a new user a standing. Some are not in the directory, but hold tokens all the same.
func (w *world) enrol(u *user) {
	u.standing = directory.Active
	if w.registry != nil {
		w.registry.users[u.id] = u
		if w.random.IntN(15) == 0 {
			u.standing = directory.Unknown
		}
	}
}

// entry is the user as the directory says it.
func (u *user) entry(s directory.Standing) directory.User {
	return directory.User{ID: u.id, Username: u.name, Standing: s}
}
