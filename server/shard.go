package server

import (
	"math/rand/v2"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/fanout"
	"momentum/server/reason"
	"momentum/server/stats"
)

// Operations of posts to a shard.
const (
	opFrame     uint8 = iota // a frame for all sessions here, with a frameMeta
	opDirect                 // a frame for the session To
	opAdmit                  // the outcome of a check: Ref is the *handshake
	opRefreshed              // the outcome of a check: Ref is the *refresh
	opSweep                  // close the sessions that are past their deadline: Ref is a *sweep
	opAudit                  // find inconsistencies: Ref is an *audit
	opDrain                  // begin to drain
	opCutOff                 // close every socket
	opReload                 // other rules: Ref is the *reload
	opWall                   // the wall clock has got ahead: review the ends of tokens
	opEvict                  // close connections of users or tokens: Ref is an *Eviction
)

// shard is one reactor's share of the node: its sessions and their pending messages. It implements netpoll.Handler, so
// everything in it belongs to the reactor's goroutine.
type shard struct {
	server    *Server
	reactor   *netpoll.Reactor
	sessions  sessions
	tokens    tokens
	fanout    fanout.Fanout[*session]
	walks     []walk
	alive     int    // live sessions
	sampled   uint32 // the tick in which a pass was measured last
	limiter   admit.Limiter[*handshake]
	drain     drainPace
	rules     *Rules
	memory    memory
	publisher publisher

	evictions evictions

	request protocol.Handshake      // parsed in place, one at a time
	parser  protocol.EnvelopeParser // likewise
	limits  protocol.Limits
	// compressedLimits are the same for sessions that agreed to compression.
	compressedLimits protocol.Limits
	spares           []*handshake
	random           *rand.Rand

	current *session // the session that sent the bytes being processed
	reply   []byte   // the answers to it, written together
	frame   []byte   // scratch for one outgoing frame
	json    []byte   // scratch for its message
	fault   []byte   // scratch for the data of an error message
	count   *stats.Counters
}

func newShard(s *Server, r *netpoll.Reactor) *shard {
	seed := s.options.Seed + uint64(r.Index())
	sh := &shard{
		server:           s,
		reactor:          r,
		fanout:           fanout.New[*session](s.options.Outbound.Hard),
		memory:           newMemory(s.options.MaxHeldBytes, s.options.Reactors),
		publisher:        publisher{server: s},
		limits:           protocol.Limits{Fragments: maxFragments},
		compressedLimits: protocol.Limits{Fragments: maxFragments, Deflate: true},
		random:           rand.New(rand.NewPCG(seed, seed)),
		count:            &s.counters[r.Index()],
	}
	sh.tokens = newTokens(sh)
	sh.evictions = evictions{sh: sh, budget: evictionBudget}
	sh.follow(s.rules.Load())
	return sh
}

// Opened begins a session with its handshake.
func (sh *shard) Opened(c *netpoll.Conn) {
	s := sh.sessions.at(c)
	*s = session{conn: c, seen: sh.reactor.Tick(), asked: sh.reactor.Moment()}
	sh.count.Accepted.Add(1)
	c.SetDeadline(ticks(HandshakeTimeout))
	sh.attributePeer(s)
}

// Data passes the bytes to the current state of the session.
func (sh *shard) Data(c *netpoll.Conn, b []byte) {
	s := sh.sessions.at(c)
	sh.count.BytesIn.Add(uint64(len(b)))
	s.received += uint64(len(b))
	switch s.state {
	case stateHandshake:
		sh.readRequest(s, b)
	case stateAdmission:
		sh.keepEarly(s, b)
	case stateLive:
		sh.readFrames(s, b)
	case stateClosing:
		sh.awaitClose(s, b)
	}
	sh.accountFor(s)
	sh.relieve()
}

// Deadline handles the deadline of the handshake, the heartbeat or the close, as the session's state says.
func (sh *shard) Deadline(c *netpoll.Conn) {
	s := sh.sessions.at(c)
	switch s.state {
	case stateHandshake, stateAdmission:
		sh.handshakeExpired(s)
	case stateLive:
		sh.heartbeat(s)
	case stateClosing:
		c.Abort()
	}
	sh.accountFor(s)
}

// Slow ends a session that does not read. One that is closing already has its close frame queued.
func (sh *shard) Slow(c *netpoll.Conn) {
	s := sh.sessions.at(c)
	if s.state != stateLive {
		sh.finish(s)
		return
	}
	sh.closeUnread(s, reason.ClosedSlow)
}

// Closed removes the session. If it was still live, its connection ended without a close frame.
func (sh *shard) Closed(c *netpoll.Conn, cause error) {
	s := sh.sessions.at(c)
	switch s.state {
	case stateLive:
		sh.leave(s, reason.ClosedGone, reason.ClosedGone.Code())
	case stateHandshake, stateAdmission:
		sh.count.Ended[reason.ClosedEarly].Add(1)
	}
	sh.dropHandshake(s)
	s.decoder.Release()
	sh.accountFor(s)
	if s.user != nil { // it was live, and has left the hub
		sh.server.leaving.Add(-1)
	}
	if s.network != 0 {
		sh.server.addresses.Leave(s.network, s.crowded)
	}
	*s = session{}
}

// Posted executes a post from another goroutine or from this one.
func (sh *shard) Posted(p *netpoll.Post, body []byte) {
	switch p.Op {
	case opFrame:
		m := decodeFrameMeta(&p.Meta)
		sh.fanout.Add(body[:m.cut], body[m.cut:], m.but, uint32(m.at))
	case opDirect:
		if s := sh.live(p.To); s != nil { // or else it left while the message was on its way
			var sent fanout.Count
			sh.fanout.Deliver(s, body, &sent)
			sh.count.Deliveries.Add(sent.Messages)
		}
	case opAdmit:
		sh.admit(p.Ref.(*handshake))
	case opRefreshed:
		sh.tokens.refreshed(p.Ref.(*refresh))
	case opSweep:
		sh.sweep(p.Ref.(*sweep))
	case opAudit:
		sh.audit(p.Ref.(*audit))
	case opWall:
		sh.tokens.review()
	case opEvict:
		sh.evictions.add(p.Ref.(*Eviction))
	case opDrain:
		sh.beginDrain(p.Ref.(time.Duration))
	case opCutOff:
		sh.cutOff()
	case opReload:
		l := p.Ref.(*reload)
		sh.follow(l.rules)
		l.waiting.Done()
	}
}

// Work sends a share of the posted messages, and continues the work on all sessions.
func (sh *shard) Work(budget int) (more bool) {
	var sent fanout.Count
	more = sh.evictions.endTurn()
	more = sh.drainDue() || more
	more = sh.fanout.Advance(budget, 0, &sent) || more
	waits := sh.fanout.Waiting()
	sh.count.Waits.Store(int64(waits.Bytes))
	sh.count.WaitsSince.Store(waits.Since)
	sh.count.Queued.Store(int64(waits.Queued))
	sh.count.Deliveries.Add(sent.Messages)
	sh.recordPass()
	more = sh.continueWalks() || more
	sh.relieve()
	return sh.continueRelief() || more
}

// Ticked continues the work that is spread over ticks.
func (sh *shard) Ticked() {
	sh.admitQueued()
	sh.continueDrain()
	sh.memory.calmDown(sh.memory.kept + sh.reactor.Backlog())
	sh.count.Unfinished.Store(int64(sh.memory.kept))
}

// now is the time of the current turn or read.
func (sh *shard) now() time.Time { return sh.reactor.Now() }

// live returns the session that a handle identifies, if it is live.
func (sh *shard) live(h netpoll.Handle) *session {
	c := sh.reactor.Find(h)
	if c == nil {
		return nil
	}
	if s := sh.sessions.at(c); s.state == stateLive {
		return s
	}
	return nil
}
