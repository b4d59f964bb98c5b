package server

// walk visits each session of a reactor once, and the room for those that are not there, a bounded part of them in each
// turn: what concerns all of them must not hold up those that have something to read. A session that ends or begins
// meanwhile may be visited or not.
type walk struct {
	slot  uint32                    // the next to be visited
	visit func(*session) (cost int) // in looks; closeCost for one that ends the session
	done  func()                    // every session has been visited
}

// startWalk begins a walk after those that are under way.
func (sh *shard) startWalk(visit func(*session) (cost int), done func()) {
	sh.walks = append(sh.walks, walk{visit: visit, done: done})
}

// continueWalks goes on with the walks for one turn's share and says whether one is left. It waits while the clock has
// jumped: no session may be judged by its silence before what came meanwhile has been read.
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

// step visits sessions until the budget is used up, and returns what is left of it: more than 0 if all were visited.
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

// look returns the session at a slot, without a connection if the slot is free, and whether there is such a slot.
func (p *sessions) look(i uint32) (s *session, exists bool) {
	page := int(i / sessionsPerPage)
	if page >= len(p.pages) {
		return nil, false
	}
	return &p.pages[page][i%sessionsPerPage], true
}
