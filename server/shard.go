package server

import (
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
)

// What may be posted to a shard.
const (
	opFrame  uint8 = iota // a frame for everybody here but the user Tag
	opDirect              // a frame for the session To
	opAdmit               // a worker's verdict: Ref is the *handshake
	opSweep               // close what is past its deadline: Ref is a *sweep
	opAudit               // check the books: Ref is an *audit
	opDrain               // begin to drain
	opCutOff              // close every socket
	opReload              // other rules: Ref is the *reload
	opEvict               // close what an administrator wants gone: Ref is an *eviction
)

// shard is one reactor's share of the node: its sessions, and what they have coming. It implements
// netpoll.Handler, so everything in it belongs to the reactor's goroutine.
type shard struct {
	server   *Server
	reactor  *netpoll.Reactor
	sessions sessions
	fanout   fanout
	direct   directBatch
	gate     gate
	drain    drainPace
	rules    *Rules
	memory   memory

	request protocol.Handshake      // parsed in place, one at a time
	parser  protocol.EnvelopeParser // likewise
	limits  protocol.Limits
	// packedLimits are the same for those with whom compression is agreed.
	packedLimits protocol.Limits
	spares       []*handshake
	random       *rand.Rand

	current *session         // whose read is being answered
	reply   []byte           // the answers to it, written together
	frame   []byte           // scratch for one outgoing frame
	json    []byte           // scratch for its message
	fault   []byte           // scratch for the data of an error message
	found   []netpoll.Handle // scratch for the hub's answers
	count   *counters
}

func newShard(s *Server, r *netpoll.Reactor) *shard {
	seed := s.options.Seed + uint64(r.Index())
	sh := &shard{
		server:       s,
		reactor:      r,
		fanout:       newFanout(),
		memory:       newMemory(s.options.MaxHeldBytes, s.options.Reactors),
		limits:       protocol.Limits{Fragments: maxFragments},
		packedLimits: protocol.Limits{Fragments: maxFragments, Deflate: true},
		random:       rand.New(rand.NewPCG(seed, seed)),
		count:        &s.counters[r.Index()],
	}
	sh.follow(s.rules.Load())
	return sh
}

// Opened begins a session with its handshake.
func (sh *shard) Opened(c *netpoll.Conn) {
	s := sh.sessions.at(c)
	*s = session{conn: c, member: notMember, seen: sh.reactor.Tick(), asked: sh.reactor.Moment()}
	sh.count.accepted.Add(1)
	c.SetDeadline(ticks(HandshakeTimeout))
	sh.attributePeer(s)
}

// Data goes to the part of the session's life it has reached.
func (sh *shard) Data(c *netpoll.Conn, b []byte) {
	s := sh.sessions.at(c)
	sh.count.bytesIn.Add(uint64(len(b)))
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
	sh.weigh(s)
	sh.relieve()
}

// Deadline is the handshake's, the heartbeat's or the close's, as the session's state says.
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
	sh.weigh(s)
}

// Slow ends a session that does not read. One that is closing already has its close frame queued.
func (sh *shard) Slow(c *netpoll.Conn) {
	s := sh.sessions.at(c)
	if s.state != stateLive {
		sh.finish(s)
		return
	}
	sh.closeUnread(s, ClosedSlow)
}

// Closed forgets the session. Whoever was still live is gone without a close frame.
func (sh *shard) Closed(c *netpoll.Conn, cause error) {
	s := sh.sessions.at(c)
	switch s.state {
	case stateLive:
		sh.part(s, ClosedGone)
	case stateHandshake, stateAdmission:
		sh.count.ended[ClosedEarly].Add(1)
	}
	sh.dropHandshake(s)
	s.decoder.Release()
	sh.weigh(s)
	if s.user != nil { // it was live once, and has parted
		sh.server.leaving.Add(-1)
	}
	if s.network != 0 {
		sh.server.addresses.leave(s.network, s.crowded)
	}
	*s = session{}
}

// Posted does what another goroutine, or this one, has asked for.
func (sh *shard) Posted(p *netpoll.Post, body []byte) {
	switch p.Op {
	case opFrame:
		sh.fanout.add(body[:p.Cut], body[p.Cut:], uuid.UUID(p.Tag))
		sh.fanout.stamp(p.At)
	case opDirect:
		sh.deliver(p.To, body)
		sh.relieve()
	case opAdmit:
		sh.admit(p.Ref.(*handshake))
	case opSweep:
		sh.sweep(p)
	case opAudit:
		sh.audit(p.Ref.(*audit))
	case opEvict:
		sh.evict(p.Ref.(*eviction))
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

// FanOut sends what was posted: the direct messages, then a share of what is for everybody.
func (sh *shard) FanOut(budget int) (more bool) {
	sh.flushDirect()
	var sent fanoutCount
	more = sh.fanout.advance(budget, &sent)
	sh.count.waits.Store(int64(sh.fanout.waits))
	sh.count.deliveries.Add(sent.messages)
	sh.roundOver()
	sh.relieve()
	return more
}

// Ticked goes on with what is done little by little.
func (sh *shard) Ticked() {
	sh.openGate()
	sh.continueDrain()
	sh.memory.calmDown(sh.memory.kept + sh.reactor.Backlog())
	sh.count.unfinished.Store(int64(sh.memory.kept))
}

// now is the time of the current turn or read.
func (sh *shard) now() time.Time { return sh.reactor.Now() }

// live returns the session a handle names, if it is live.
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
