package server

import "momentum/netpoll"

// askers are the sessions of a reactor with a question to the listings. One question of a session is on its way at a time, and its
// others wait in its own line: so a client that asks much delays nobody but itself.
type askers struct {
	by    map[netpoll.Handle]*asker
	lined int // questions in all lines
}

// asker is one of them.
type asker struct {
	now  *listing // on its way
	line []*listing
}

// enter takes a question. It reports whether there is room for it, and whether it is the only one of its session and may go.
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

// done ends a question that was on its way, and returns the session's next one, or nil.
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

// leave drops the questions of a session that ends. The one on its way learns it wherever it is.
func (k *askers) leave(h netpoll.Handle) {
	if asker := k.find(h); asker != nil {
		asker.now.gone.Store(true)
		k.lined -= len(asker.line)
		delete(k.by, h)
	}
}
