package server

import (
	"errors"
	"fmt"
	"sync"

	"momentum/netpoll"
	"momentum/server/topics"
)

// audit collects the inconsistencies that the reactors find.
type audit struct {
	waiting     sync.WaitGroup
	mu          sync.Mutex
	faults      []error
	live        int
	counted     int                             // sockets that are counted under an address
	offered     int                             // sessions with a token check under way
	topicCounts []map[*topics.Topic]*topicCount // of each reactor
}

// topicCount has the number of subscriptions to a topic on one reactor, counted in two ways.
type topicCount struct {
	found  int // in the sessions
	listed int // in the topic's list in the fan-out
}

func (a *audit) fault(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, fmt.Errorf(format, args...))
}

func (n *node) startAudit() *audit {
	a := &audit{topicCounts: make([]map[*topics.Topic]*topicCount, n.group.Reactors())}
	a.waiting.Add(n.group.Reactors())
	n.group.PostAll(netpoll.Post{Op: opAudit, Ref: a}, nil)
	return a
}

// checkTotals adds the inconsistencies that show only in the sums of all reactors.
func (n *node) checkTotals(a *audit) error {
	if taken := n.slots.Taken(); a.live+a.offered != taken {
		a.fault("%d live sessions and %d to be admitted hold %d connection slots", a.live, a.offered, taken)
	}
	if counted := n.sessionsNow(); counted != a.live {
		a.fault("%d live sessions are counted as %d", a.live, counted)
	}
	known, err := n.hub.Audit()
	if known != a.live || err != nil {
		a.fault("the hub knows %d connections of %d live sessions: %v", known, a.live, err)
	}
	if known, handed := n.addresses.Count(), n.addresses.HandedOver(); known != a.counted+handed {
		a.fault("%d sockets, and %d in the sidecar, are counted as %d under their addresses", a.counted, handed, known)
	}
	if err := n.broadcast.audit(); err != nil {
		a.fault("the history of the broadcast: %v", err)
	}
	if err := n.topics.Audit(a.found); err != nil {
		a.fault("topics: %v", err)
	}
	return errors.Join(a.faults...)
}

// found returns how many subscriptions to a topic a reactor's sessions have. The reactors have finished.
func (a *audit) found(t *topics.Topic, reactor int) int {
	known := a.topicCounts[reactor][t]
	if known == nil {
		return 0
	}
	if known.found != known.listed {
		a.fault("topic %s lists %d subscribers on reactor %d, of which %d are sessions", t.Name, known.listed, reactor, known.found)
	}
	return known.found
}

// shardAudit adds up the figures of one reactor.
type shardAudit struct {
	*audit
	*base
	memory                             *memory
	replays                            *replays
	subscriptions                      *subscriptions
	topicCounts                        map[*topics.Topic]*topicCount
	used, live, counted, offered, kept int
	heaviest                           int // sessions in the book of the heaviest
	replaying, held                    int
}

// begin checks, in steps, the session at every slot of a reactor.
func (a *audit) begin(b *base, w *walks, m *memory, r *replays) {
	sum := &shardAudit{audit: a, base: b, memory: m, replays: r, subscriptions: r.subscriptions, topicCounts: make(map[*topics.Topic]*topicCount)}
	w.start(func(s *session) int {
		sum.look(s)
		sum.lookAtMeter(s)
		return 1 + sum.lookAtTopics(s) // and one for the hub
	}, func() {
		sum.compare()
		a.waiting.Done()
	})
}

// look checks one session. One without a connection must hold nothing.
func (a *shardAudit) look(s *session) {
	if s.conn == nil {
		if *s != (session{}) {
			a.fault("a session without a connection is in state %d", s.state)
		}
		return
	}
	a.used++
	a.kept += int(s.traffic.kept)
	if n := s.unfinished(); n != int(s.traffic.kept) {
		a.fault("session %v in state %d keeps %d bytes, counted as %d", s.handle(), s.state, n, s.traffic.kept)
	}
	if s.origin.counted {
		a.counted++
	}
	live := s.state == stateLive
	replay := a.replays.of(s)
	replaying := live && replay != nil
	if replaying {
		a.replaying++
		a.held += replay.bytes
	}
	if live != (s.member.Joined() || replaying) {
		a.fault("session %v in state %d: a member of the fan-out is %v", s.handle(), s.state, s.member.Joined())
	}
	switch {
	case s.state == stateAdmission && !s.handshake.inquires():
		a.offered++
	case live:
		a.live++
		if !a.node.hub.Has(s.user.ID, s.handle()) {
			a.fault("the hub does not know connection %v of user %v", s.handle(), s.user.ID)
		}
	}
}

// lookAtMeter compares a session with the book of the heaviest. Only live sessions are in it.
func (a *shardAudit) lookAtMeter(s *session) {
	if !s.meter.Kept() {
		return
	}
	a.heaviest++
	if s.state != stateLive || !a.heavy.Holds(s) {
		a.fault("session %v in state %d is in the book of the heaviest, which holds it: %v", s.handle(), s.state, a.heavy.Holds(s))
	}
}

// lookAtTopics counts the subscriptions of a session, and returns how many it has.
func (a *shardAudit) lookAtTopics(s *session) (cost int) {
	if s.conn == nil || !s.member.Joined() {
		return 0
	}
	for id := range a.base.fanout.Topics(s) {
		t := a.subscriptions.here[id]
		if a.topicCounts[t] == nil {
			a.topicCounts[t] = &topicCount{listed: a.base.fanout.Subscribers(id)}
		}
		a.topicCounts[t].found++
		cost++
	}
	return cost
}

// compare adds the reactor's sums to those of the node, and compares them with the reactor's own counters.
func (a *shardAudit) compare() {
	if slots := a.reactor.Connections(); a.used != slots {
		a.fault("%d slots of reactor %d are taken by %d sessions", slots, a.reactor.Index(), a.used)
	}
	if a.kept != a.memory.kept {
		a.fault("sessions keep %d bytes, counted as %d", a.kept, a.memory.kept)
	}
	if a.held != a.memory.held {
		a.fault("replays hold %d bytes, counted as %d", a.held, a.memory.held)
	}
	if members := a.base.fanout.Members(); a.live != a.alive || a.live != members+a.replaying {
		a.fault("%d sessions are live, counted as %d; %d are members of the fan-out, %d have a replay", a.live, a.alive, members, a.replaying)
	}
	if n := a.heavy.Live(); a.heaviest != n {
		a.fault("%d sessions are in the book of the heaviest, which has %d", a.heaviest, n)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.audit.live += a.live
	a.audit.counted += a.counted
	a.audit.offered += a.offered
	a.audit.topicCounts[a.reactor.Index()] = a.topicCounts
}
