package server

import "momentum/netpoll"

// askers holds the open questions of a reactor's sessions for users. One question of a session is handled at a time and its others
// are queued, so a client that asks often delays only itself.
type askers struct {
	by    map[netpoll.Handle]*asker
	lined int // questions in all queues
}

// asker is a session with a question.
type asker struct {
	now  *listing // being handled
	line []*listing
}

// enter adds a question. It reports whether there is room for it, and whether it is its session's first, so that it can
// be handled now.
func (k *askers) enter(a *listing) (room, first bool) {
	asker := k.find(a.to)
	switch {
	case asker == nil && len(k.by) < maxListings:
		k.put(a)
		return true, true
	case asker == nil || len(asker.line) >= maxLined || k.lined >= maxListings:
		return false, false
	}
	asker.line = append(asker.line, a)
	k.lined++
	return true, false
}

func (k *askers) find(h netpoll.Handle) *asker { return k.by[h] }

func (k *askers) put(a *listing) {
	if k.by == nil {
		k.by = make(map[netpoll.Handle]*asker)
	}
	k.by[a.to] = &asker{now: a}
}

// done removes a question that was handled, and returns the session's next one; nil: there is none.
func (k *askers) done(a *listing) (next *listing) {
	asker := k.find(a.to)
	if asker == nil || asker.now != a {
		return nil // its session has ended
	}
	if len(asker.line) == 0 {
		delete(k.by, a.to)
		return nil
	}
	next, asker.line = asker.line[0], asker.line[1:]
	asker.now = next
	k.lined--
	return next
}

// leave drops the questions of a session that ends. The one that is being handled may be on another reactor: its flag
// says that no answer is wanted.
func (k *askers) leave(h netpoll.Handle) {
	if asker := k.find(h); asker != nil {
		asker.now.gone.Store(true)
		k.lined -= len(asker.line)
		delete(k.by, h)
	}
}
