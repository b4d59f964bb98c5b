package server

import (
	"momentum/netpoll"
	"momentum/server/fanout"
	"momentum/server/reason"
	"momentum/server/topics"
	"momentum/server/trace"
)

// shard is one reactor's share of the node: its sessions and their pending messages. It implements netpoll.Handler, so
// everything in it belongs to the reactor's goroutine. Its parts each own their data; the shard passes to them the bytes,
// deadlines and posts that arrive.
type shard struct {
	base
	memory        memory
	walks         walks
	replies       replies
	replays       replays
	losses        losses
	resumes       resumes
	catchups      catchups
	tokens        tokens
	ending        ending
	handshakes    handshakes
	heartbeat     heartbeat
	refreshes     refreshes
	commands      commands
	subscriptions subscriptions
	listings      listings
	surveys       surveys
	rooms         rooms
	frames        frames
	admissions    admissions
	evictions     evictions
	drain         drainPace
	relief        relief
	passes        passMeter
	thread        threadMeter
}

// newShard makes the parts in the order in which they need each other.
func newShard(n *node, r *netpoll.Reactor) *shard {
	sh := &shard{base: newBase(n, r), memory: newMemory(n.options.MaxHeldBytes, n.options.Reactors)}
	b := &sh.base
	sh.walks, sh.rooms, sh.passes, sh.thread = walks{base: b}, rooms{base: b}, passMeter{base: b}, threadMeter{base: b}
	sh.catchups = catchups{base: b}
	sh.replies = replies{encoder: encoder{base: b}}
	sh.replays = replays{base: b, encoder: encoder{base: b}, memory: &sh.memory, catchups: &sh.catchups}
	sh.losses = newLosses(b, &sh.replays)
	sh.resumes = newResumes(b, &sh.replays)
	sh.resumes.look = sh.resumes.directs
	sh.tokens = newTokens(b, &sh.replies)
	sh.subscriptions = newSubscriptions(b, &sh.replies, &sh.rooms, &sh.catchups)
	sh.replays.subscriptions = &sh.subscriptions
	sh.ending = ending{base: b, tokens: &sh.tokens, replies: &sh.replies, subscriptions: &sh.subscriptions, replays: &sh.replays, listings: &sh.listings}
	sh.handshakes = handshakes{base: b, spares: spares{node: n}}
	sh.heartbeat = heartbeat{base: b, tokens: &sh.tokens}
	sh.refreshes = refreshes{base: b, tokens: &sh.tokens, replies: &sh.replies, subscriptions: &sh.subscriptions}
	sh.listings = listings{base: b, replies: &sh.replies, subscriptions: &sh.subscriptions}
	sh.surveys = surveys{base: b, listings: &sh.listings}
	sh.commands = commands{
		base: b, replies: &sh.replies, replays: &sh.replays, refreshes: &sh.refreshes, subscriptions: &sh.subscriptions,
		listings: &sh.listings, publisher: newPublisher(n),
	}
	sh.frames = frames{base: b, replies: &sh.replies, ending: &sh.ending, commands: &sh.commands, heartbeat: &sh.heartbeat}
	sh.admissions = admissions{
		base: b, handshakes: &sh.handshakes, tokens: &sh.tokens, heartbeat: &sh.heartbeat, frames: &sh.frames, memory: &sh.memory,
		resumes: &sh.resumes, subscriptions: &sh.subscriptions, catchups: &sh.catchups,
	}
	sh.evictions = evictions{base: b, ending: &sh.ending, tokens: &sh.tokens, budget: evictionBudget}
	sh.drain = drainPace{base: b, walks: &sh.walks, handshakes: &sh.handshakes, ending: &sh.ending, memory: &sh.memory}
	sh.relief = relief{base: b, memory: &sh.memory, handshakes: &sh.handshakes, ending: &sh.ending, replays: &sh.replays}
	sh.follow(n.rules.Load())
	return sh
}

func (sh *shard) reload(l *reload) {
	sh.follow(l.rules)
	l.waiting.Done()
}

// follow applies rules.
func (sh *shard) follow(r *Rules) {
	sh.base.follow(r)
	sh.handshakes.limiter.SetRate(r.HandshakeRate, sh.node.options.Reactors)
}

// Opened begins a session with its handshake.
func (sh *shard) Opened(c *netpoll.Conn) {
	s := sh.sessions.at(c)
	*s = session{conn: c, life: liveness{seen: sh.reactor.Tick(), asked: sh.reactor.Moment()}, origin: origin{since: sh.reactor.Tick()}}
	sh.heavy.Open(&s.meter)
	sh.count.Accepted.Add(1)
	c.SetDeadline(ticks(HandshakeTimeout))
	sh.handshakes.attributePeer(s)
}

// Data passes the bytes to the current state of the session.
func (sh *shard) Data(c *netpoll.Conn, b []byte) {
	s := sh.sessions.at(c)
	sh.count.BytesIn.Add(uint64(len(b)))
	s.traffic.received += uint64(len(b))
	sh.weighRead(s, len(b))
	switch s.state {
	case stateHandshake:
		sh.handshakes.readRequest(s, b)
	case stateAdmission:
		sh.handshakes.keepEarly(s, b)
	case stateLive:
		sh.frames.read(s, b)
	case stateClosing:
		sh.ending.awaitClose(s, b)
	}
	sh.memory.accountFor(s)
	sh.relief.begin()
}

// Deadline handles the deadline of the handshake, the heartbeat or the close, as the session's state says. A close of a session with
// topics counts as several sends.
func (sh *shard) Deadline(c *netpoll.Conn) (sends int) {
	s := sh.sessions.at(c)
	sends = 1
	switch s.state {
	case stateHandshake, stateAdmission:
		sh.handshakes.expire(s)
	case stateLive:
		if why := sh.heartbeat.due(s); why != reason.None {
			sends = sh.ending.close(s, why) / closeCost
		}
	case stateClosing:
		c.Abort()
	}
	sh.memory.accountFor(s)
	return sends
}

// Slow ends a session that does not read, and counts as several sends if it has topics. One that is closing already has its close frame
// queued.
func (sh *shard) Slow(c *netpoll.Conn) (sends int) {
	s := sh.sessions.at(c)
	if s.state != stateLive {
		sh.ending.finish(s)
		return 1
	}
	return 1 + sh.ending.closeUnread(s, reason.ClosedSlow)/closeCost
}

// Closed removes the session. If it was still live, its connection ended without a close frame.
func (sh *shard) Closed(c *netpoll.Conn, cause error) {
	s := sh.sessions.at(c)
	switch s.state {
	case stateLive:
		sh.ending.leave(s, reason.ClosedGone, reason.ClosedGone.Code())
	case stateHandshake, stateAdmission:
		sh.count.Ended[reason.ClosedEarly].Add(1)
		sh.recordHandshake(s, reason.ClosedEarly, 0)
		s.handshake.answered(trace.Gone, reason.ClosedEarly.String(), 0)
	}
	sh.handshakes.drop(s)
	s.decoder.Release()
	sh.memory.accountFor(s)
	if s.user != nil { // it was live, and has left the hub
		sh.node.leaving.Add(-1)
	}
	if s.origin.counted {
		sh.node.addresses.Leave(s.origin.client, s.origin.crowded)
	}
	*s = session{}
}

// Posted executes a post from another goroutine or from this one.
func (sh *shard) Posted(p *netpoll.Post, body []byte) {
	switch p.Op {
	case opFrame:
		sh.addBroadcast(decodeFrameMeta(&p.Meta), body)
	case opDirect:
		sh.deliver(p.To, body)
	case opAdmit:
		sh.admissions.admit(p.Ref.(*handshake))
	case opDecide:
		sh.admissions.decide(p.Ref.(*handshake))
	case opRefreshed:
		sh.refreshes.finish(p.Ref.(*refresh))
	case opSweep:
		p.Ref.(*sweep).begin(&sh.walks, &sh.heartbeat, &sh.ending)
	case opAudit:
		p.Ref.(*audit).begin(&sh.base, &sh.walks, &sh.memory, &sh.replays)
	case opWall:
		sh.tokens.review(&sh.walks)
	case opEvict:
		sh.evictions.add(p.Ref.(*Eviction))
	case opDrain, opEndDrain, opCutOff:
		sh.postedDrain(p)
	case opReload:
		sh.reload(p.Ref.(*reload))
	case opEnds:
		p.Ref.(*endSearch).on(&sh.base)
	case opConnections:
		p.Ref.(*connectionStep).on(&sh.base, &sh.walks)
	default:
		sh.postedTopic(p, body)
		sh.postedBus(p)
	}
}

func (sh *shard) postedDrain(p *netpoll.Post) {
	switch p.Op {
	case opDrain:
		sh.drain.begin(p.Ref.(*drainPlan))
	case opEndDrain:
		sh.drain.end()
	case opCutOff:
		sh.drain.cutOff()
	}
}

// postedBus executes a post that comes from the cluster.
func (sh *shard) postedBus(p *netpoll.Post) {
	switch p.Op {
	case opLost:
		sh.losses.add(p)
	case opPosition:
		sh.losses.renumber(p)
	case opSurvey:
		sh.surveys.finish(p.Ref.(*survey))
	case opOutcome:
		sh.commands.answer(p.Ref.(*outcome))
	}
}

// postedTopic executes a post that concerns a topic.
func (sh *shard) postedTopic(p *netpoll.Post, body []byte) {
	switch p.Op {
	case opTopic:
		sh.addToTopic(p.Ref.(*topics.Topic), decodeFrameMeta(&p.Meta), body)
	case opRoom:
		sh.rooms.post(p.Ref.(*topics.Topic), decodeFrameMeta(&p.Meta), body)
	case opRoll:
		sh.rooms.begin(p.Ref.(*roll))
	case opSubscribers:
		p.Ref.(*subscriberStep).on(&sh.subscriptions)
	case opListing:
		sh.listings.add(p.Ref.(*listing))
	case opSubscribe:
		sh.subscriptions.resume(p.To)
	}
}

// addBroadcast adds a message for everybody to the fan-out.
func (sh *shard) addBroadcast(m frameMeta, body []byte) {
	sh.losses.report(lossKey{})
	sh.fanout.Add(body[:m.cut], body[m.cut:], m.but, uint32(m.at))
	sh.applied = max(sh.applied, m.seq)
}

// addToTopic adds a message of a topic to the fan-out.
func (sh *shard) addToTopic(t *topics.Topic, m frameMeta, body []byte) {
	sh.losses.report(lossKey{topic: t})
	sh.subscriptions.post(t, m, body)
}

// deliver adds a direct message to the fan-out, unless its session left while the message was on its way. A session with a
// replay gets it later.
func (sh *shard) deliver(to netpoll.Handle, body []byte) {
	sh.losses.report(lossKey{to: to})
	s := sh.live(to)
	if s == nil || sh.replays.hold(s, body) {
		return
	}
	var sent fanout.Count
	sh.fanout.Deliver(s, body, &sent)
	sh.count.Deliveries.Add(sent.Messages)
}

// Work sends a share of the posted messages, and continues the work on all sessions.
func (sh *shard) Work(budget int) (more bool) {
	var sent fanout.Count
	more = sh.evictions.endTurn()
	more = sh.drain.closeDue() || more
	pending := sh.fanout.Advance(budget, uint32(sh.reactor.Moment()), &sent)
	more = pending || more
	due := sh.fanout.Next()
	if due != 0 {
		sh.reactor.WantTurnAfter(netpoll.Moment(due).Since(sh.reactor.Moment()))
	}
	more = sh.replays.advance() || more
	waits := sh.fanout.Waiting()
	if due != 0 && !pending {
		waits.Since = 0 // they wait to share their writes; a stop of the process must not make them count as late
	}
	sh.count.Waits.Store(int64(waits.Bytes))
	sh.count.WaitsSince.Store(waits.Since)
	sh.count.Queued.Store(int64(waits.Queued))
	sh.count.Deliveries.Add(sent.Messages)
	sh.passes.record()
	more = sh.walks.advance() || more
	more = sh.rooms.advance() || more
	more = sh.listings.advance() || more
	sh.relief.begin()
	return sh.relief.advance() || more
}

// Ticked continues the work that is spread over ticks.
func (sh *shard) Ticked() {
	sh.heavy.Begin(slotAt(sh.reactor.Tick()))
	sh.thread.measure()
	sh.admissions.admitQueued()
	sh.losses.reportAll()
	sh.catchups.tick()
	sh.surveys.tick()
	sh.drain.tick()
	sh.memory.calmDown(sh.memory.total() + sh.reactor.Backlog())
	sh.count.Unfinished.Store(int64(sh.memory.total()))
}
