package server

// walk visits the slot of every session of a reactor once, including the free slots, a bounded number in each turn:
// work on all sessions must not delay those that have something to read. A session that ends or begins meanwhile may
// be visited or not.
type walk struct {
	slot  uint32                    // the next to be visited
	end   func(slot uint32) bool    // it ends before this slot; nil: after the last one
	visit func(*session) (cost int) // in looks; closeCost for one that ends the session
	done  func()                    // called at the end
}

// walks are the walks that a reactor has not finished.
type walks struct {
	*base
	waiting []walk // in the order in which they were started
}

// start begins a walk after those that are under way.
func (w *walks) start(visit func(*session) (cost int), done func()) {
	w.waiting = append(w.waiting, walk{visit: visit, done: done})
}

// startFrom begins a walk at a slot. The walk ends before the first slot for which end returns true, or after the last one.
func (w *walks) startFrom(slot uint32, end func(slot uint32) bool, visit func(*session) (cost int), done func()) {
	w.waiting = append(w.waiting, walk{slot, end, visit, done})
}

// advance continues the walks for one turn's share and reports whether one is left. After the clock has jumped
// it waits: the silence of a session says nothing until the bytes that came meanwhile have been read.
func (w *walks) advance() (more bool) {
	for budget := walkBudget; len(w.waiting) > 0 && budget > 0 && !w.reactor.Stalled(); {
		first := &w.waiting[0]
		if budget = first.step(&w.sessions, budget); budget > 0 {
			first.done()
			w.waiting[0] = walk{}
			w.waiting = w.waiting[1:]
		}
	}
	if len(w.waiting) == 0 {
		w.waiting = nil
	}
	return len(w.waiting) > 0
}

// step visits sessions until the budget is used up, and returns the rest of it: more than 0 if all were visited.
func (w *walk) step(p *sessions, budget int) int {
	for ; budget > 0; w.slot++ {
		s, exists := p.look(w.slot)
		if !exists || w.end != nil && w.end(w.slot) {
			return budget
		}
		budget -= 1 + w.visit(s)
	}
	return 0
}
