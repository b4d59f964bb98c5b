package server

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"momentum/netpoll"
)

// audit collects what the reactors find wrong with the books.
type audit struct {
	waiting sync.WaitGroup
	mu      sync.Mutex
	faults  []error
	live    int
	counted int // sockets that are counted under an address
	offered int // sessions whose token is being checked
}

func (a *audit) fault(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, fmt.Errorf(format, args...))
}

// Audit checks, on the reactors themselves, that members, sessions, slots, seats, addresses and the hub agree. On a node whose
// clients come and go meanwhile it may find a difference that is gone a moment later; at rest it finds none.
func (s *Server) Audit(ctx context.Context) error {
	a := s.startAudit()
	if err := await(ctx, &a.waiting); err != nil {
		return err
	}
	return s.judge(a)
}

func (s *Server) startAudit() *audit {
	a := &audit{}
	a.waiting.Add(s.group.Reactors())
	s.group.PostAll(netpoll.Post{Op: opAudit, Ref: a}, nil)
	return a
}

// judge adds what only shows for all reactors together.
func (s *Server) judge(a *audit) error {
	if seats := int(s.seats.taken.Load()); a.live+a.offered != seats {
		a.fault("%d live sessions and %d to be admitted hold %d seats", a.live, a.offered, seats)
	}
	if counted := s.sessionsNow(); counted != a.live {
		a.fault("%d live sessions are counted as %d", a.live, counted)
	}
	known, err := s.hub.Audit()
	if known != a.live || err != nil {
		a.fault("the hub knows %d connections of %d live sessions: %v", known, a.live, err)
	}
	if known := s.addresses.count(); known != a.counted {
		a.fault("%d sockets are counted as %d under their addresses", a.counted, known)
	}
	return errors.Join(a.faults...)
}

func (sh *shard) audit(a *audit) {
	defer a.waiting.Done()
	for i, s := range sh.fanout.members {
		switch {
		case s.state != stateLive:
			a.fault("member %d is in state %d", i, s.state)
		case int(s.member) != i:
			a.fault("member %d believes to be %d", i, s.member)
		case !sh.server.hub.Has(s.user.ID, s.handle()):
			a.fault("the hub does not know connection %v of user %v", s.handle(), s.user.ID)
		}
	}
	offered, used := sh.auditSlots(a)
	if slots := sh.reactor.Connections(); used != slots {
		a.fault("%d slots of reactor %d are taken by %d sessions", slots, sh.reactor.Index(), used)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live += len(sh.fanout.members)
	a.counted += sh.sessions.counted()
	a.offered += offered
}

// auditSlots looks at every session there is room for: one without a connection must hold nothing.
func (sh *shard) auditSlots(a *audit) (offered, used int) {
	kept := 0
	for _, page := range sh.sessions.pages {
		for i := range page {
			s := &page[i]
			if s.conn == nil {
				if *s != (session{}) {
					a.fault("a session without a connection is in state %d", s.state)
				}
				continue
			}
			used++
			kept += int(s.kept)
			if n := s.unfinished(); n != int(s.kept) {
				a.fault("session %v in state %d keeps %d bytes, counted as %d", s.handle(), s.state, n, s.kept)
			}
			if s.state == stateAdmission {
				offered++
			}
			if live := s.state == stateLive; live != (s.member != notMember) {
				a.fault("session %v in state %d is member %d", s.handle(), s.state, s.member)
			}
		}
	}
	if kept != sh.memory.kept {
		a.fault("sessions keep %d bytes, counted as %d", kept, sh.memory.kept)
	}
	return offered, used
}
