package server

// walk visits the slot of every session of a reactor once, including the free slots, a bounded number in each turn:
// work on all sessions must not delay those that have something to read. A session that ends or begins meanwhile may
// be visited or not.
type walk struct {
	slot  uint32                    // the next to be visited
	visit func(*session) (cost int) // in looks; closeCost for one that ends the session
	done  func()                    // called after every session has been visited
}

// startWalk begins a walk after those that are under way.
func (sh *shard) startWalk(visit func(*session) (cost int), done func()) {
	sh.walks = append(sh.walks, walk{visit: visit, done: done})
}

// continueWalks continues the walks for one turn's share and reports whether one is left. After the clock has jumped
// it waits: the silence of a session says nothing until the bytes that came meanwhile have been read.
func (sh *shard) continueWalks() (more bool) {
	for budget := walkBudget; len(sh.walks) > 0 && budget > 0 && !sh.reactor.Stalled(); {
		w := &sh.walks[0]
		if budget = sh.sessions.step(w, budget); budget > 0 {
			w.done()
			sh.walks[0] = walk{}
			sh.walks = sh.walks[1:]
		}
	}
	if len(sh.walks) == 0 {
		sh.walks = nil
	}
	return len(sh.walks) > 0
}

// step visits sessions until the budget is used up, and returns the rest of it: more than 0 if all were visited.
func (p *sessions) step(w *walk, budget int) int {
	for ; budget > 0; w.slot++ {
		s, exists := p.look(w.slot)
		if !exists {
			return budget
		}
		budget -= 1 + w.visit(s)
	}
	return 0
}

// look returns the session at a slot and whether there is such a slot. The session of a free slot has no connection.
func (p *sessions) look(i uint32) (s *session, exists bool) {
	page := int(i / sessionsPerPage)
	if page >= len(p.pages) {
		return nil, false
	}
	return &p.pages[page][i%sessionsPerPage], true
}
