package server

import (
	"net/http"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/presence"
	"momentum/server/reason"
	"momentum/server/trace"
)

// admissions decides on the handshakes whose token and user have been checked (see handshakes).
type admissions struct {
	*base
	handshakes    *handshakes
	tokens        *tokens
	heartbeat     *heartbeat
	frames        *frames
	memory        *memory
	resumes       *resumes
	subscriptions *subscriptions
	catchups      *catchups
}

// admit handles a handshake after the check of its token and user. A valid one may still be queued by the rate
// limiter.
func (a *admissions) admit(h *handshake) {
	if h.refusal.Status == 0 {
		h.enter(trace.Limiter)
	}
	a.handshakes.limiter.Advance(a.reactor.Tick())
	if h.gone || h.refusal.Status != 0 || h.priority.paid || a.handshakes.limiter.Admit(h, h.priority.kind) {
		a.decide(h)
		return
	}
	a.reactor.WantTick()
}

// admitQueued decides the queued handshakes whose turn has come.
func (a *admissions) admitQueued() {
	if a.handshakes.limiter.Waiting() == 0 {
		return
	}
	a.handshakes.limiter.Advance(a.reactor.Tick())
	for h, late, ok := a.handshakes.limiter.Next(); ok; h, late, ok = a.handshakes.limiter.Next() {
		if late && !h.gone {
			h.refuse(reason.RefusedBusy)
		}
		a.decide(h)
	}
	if a.handshakes.limiter.Waiting() > 0 {
		a.reactor.WantTick()
	}
}

// decide makes a checked handshake's session live, or refuses it. A handshake that has to wait for the bus or for posts is decided later.
func (a *admissions) decide(h *handshake) {
	if h.refusal.Status == 0 {
		h.enter(trace.Joining)
	}
	if !h.inquiry.asked && (a.waitsForBus(h) || a.waitsForPosts(h)) {
		return
	}
	a.handshakes.limiter.Leave(h.priority.kind)
	c := a.reactor.Find(h.handle)
	if h.gone || c == nil {
		a.abandon(h)
		return
	}
	s := a.sessions.at(c)
	s.state = stateHandshake // the handshake is back
	a.reconsider(h)
	if h.inquiry.asked {
		a.answerInquiry(s, h)
	} else {
		a.answer(s, h)
	}
}

// answer makes the session live, or refuses it while it is still plain HTTP.
func (a *admissions) answer(s *session, h *handshake) {
	u, creditFull, arrived := a.join(h)
	if h.refusal.Status != 0 {
		h.giveSlot()
		a.releaseChannel(h)
		a.handshakes.refuse(s, h.why, &h.refusal)
		a.memory.accountFor(s)
		return
	}
	a.completeChannel(h)
	a.goLive(s, h, u, creditFull)
	if arrived {
		a.node.announcer.Arrived(presence.Person{ID: h.claims.UserID, Name: h.claims.Username})
	}
	if len(h.early) > 0 {
		a.frames.read(s, h.early)
	}
	a.memory.accountFor(s)
	h.answered(trace.Admitted, "", http.StatusSwitchingProtocols)
	a.handshakes.spares.recycle(h)
}

// answerInquiry answers an inquiry after its token and user have been checked. The rate limiter has admitted it, and so will admit
// the handshake that follows.
func (a *admissions) answerInquiry(s *session, h *handshake) {
	if h.refusal.Status == 0 && !a.node.hub.HasRoom(h.claims.UserID) {
		h.refuse(reason.RefusedUser)
	}
	q := a.handshakes
	if h.refusal.Status != 0 {
		q.refuse(s, h.why, &h.refusal)
	} else {
		now := a.reactor.Tick()
		since := now
		if h.priority.paid { // an earlier inquiry was admitted for both: the handshake has until two seconds after that one
			since = h.priority.since
		}
		a.node.reserved.Load().Keep(h.priority.token, now, since, true)
		a.count.Inquiries[reason.None].Add(1)
		q.answer = protocol.AppendYes(q.answer[:0], h.answer)
		h.answered(trace.Admitted, "", http.StatusNoContent)
		q.end(s)
	}
	a.memory.accountFor(s)
}

// waitsForPosts reports whether a handshake has to wait until the posts in the reactor's mailbox are applied: among them is a
// broadcast that the client has had already and would get twice, or another epoch. The handshake is decided again after them.
func (a *admissions) waitsForPosts(h *handshake) bool {
	if !a.resumes.early(h) {
		return false
	}
	h.position.waited = true
	a.node.group.Post(netpoll.Post{Op: opDecide, To: h.handle, Ref: h}, nil)
	return true
}

// join adds the connection to its user, unless the handshake is refused or the user has as many as allowed, and collects the
// direct messages that the client has missed. creditFull and arrived are those of Hub.Join.
func (a *admissions) join(h *handshake) (u *presence.User, creditFull uint32, arrived bool) {
	if h.refusal.Status != 0 {
		return nil, 0, false
	}
	a.resumes.begin(h.position)
	if u, creditFull, arrived = a.node.hub.Join(h.claims.UserID, h.claims.Username, h.handle, a.now(), a.resumes.look); u == nil {
		h.refuse(reason.RefusedUser)
	}
	return u, creditFull, arrived
}

// abandon gives up a handshake whose connection has ended. If the session has not been told of the end yet, it still has the
// handshake, and drops it then.
func (a *admissions) abandon(h *handshake) {
	a.releaseChannel(h)
	h.giveSlot()
	h.answered(trace.Gone, reason.ClosedEarly.String(), 0)
	h.handOver()
	if h.gone {
		a.handshakes.spares.recycle(h)
	}
}

// reconsider refuses a handshake because of changes since it was offered.
func (a *admissions) reconsider(h *handshake) {
	if h.refusal.Status != 0 {
		return
	}
	if a.node.draining.Load() {
		h.refuse(reason.RefusedDraining)
		return
	}
	now := a.now().Unix()
	if v := a.node.revocations.Check(&h.claims, now); v.BannedUntil > 0 {
		h.refuse(reason.RefusedBanned)
		h.wait = int(v.BannedUntil - now)
		return
	} else if v.Revoked {
		h.refuse(reason.RefusedRevoked)
		return
	}
	if out, unknown := a.node.deactivations.since(h.epoch, h.claims.UserID); out {
		h.refuse(reason.RefusedInactive)
	} else if unknown {
		h.refuse(reason.RefusedDirectory)
	}
}

// goLive attaches the user, which the hub now has, to the session, sends the 101 with the first missed messages, and adds the
// session to the fan-out and the heartbeat wheel. A session that has missed more joins the fan-out after its replay (replays.go).
func (a *admissions) goLive(s *session, h *handshake, u *presence.User, creditFull uint32) {
	s.handshake, s.user, s.state, s.deflate = nil, u, stateLive, h.deflate
	s.life.seen = a.reactor.Tick()
	s.positions = h.position.asked
	a.tokens.hold(s, &h.claims)
	s.traffic.credit = admit.NewCredit(a.rules.RateLimit, s.life.seen, creditFull, maxMissing)
	a.alive++
	if s.Compressed() {
		a.node.compressing.Add(1)
	}
	a.node.recent.Load().Add(h.priority.token)
	a.countHandshake(s, h.priority.kind)
	a.node.live.Add(1)
	missed := a.resumes.finish(s)
	if !a.resumes.more {
		a.fanout.Join(s)
	}
	s.Send(append(h.answer, missed...), a.resumes.framed)
	a.catchups.add(s)
	if !a.resumes.more {
		a.subscriptions.run(s, ask{})
		a.subscriptions.replies.flush(s)
	}
	s.conn.SetDeadline(a.heartbeat.first(s))
}

// countHandshake counts a handshake that ends with the 101.
func (a *admissions) countHandshake(s *session, kind admit.Kind) {
	a.count.Admitted.Add(1)
	if kind != admit.New {
		a.count.Returned.Add(1)
	}
	if took, ok := s.life.answer(a.reactor.Moment()); ok {
		a.count.Handshakes.Observe(took)
	}
}
