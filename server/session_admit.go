package server

import (
	"momentum/server/admit"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/reason"
)

// admit handles a handshake after the check of its token and user. A valid one may still be queued by the rate
// limiter.
func (sh *shard) admit(h *handshake) {
	sh.limiter.Advance(sh.reactor.Tick())
	if h.gone || h.refusal.Status != 0 || sh.limiter.Admit(h, h.kind) {
		sh.decide(h)
		return
	}
	sh.reactor.WantTick()
}

// admitQueued decides the queued handshakes whose turn has come.
func (sh *shard) admitQueued() {
	if sh.limiter.Waiting() == 0 {
		return
	}
	sh.limiter.Advance(sh.reactor.Tick())
	for h, late, ok := sh.limiter.Next(); ok; h, late, ok = sh.limiter.Next() {
		if late && !h.gone {
			h.refuse(reason.RefusedBusy)
		}
		sh.decide(h)
	}
	if sh.limiter.Waiting() > 0 {
		sh.reactor.WantTick()
	}
}

// decide acts on the verdict: the session becomes live, or is refused while it is still plain HTTP.
func (sh *shard) decide(h *handshake) {
	sh.limiter.Leave(h.kind)
	c := sh.reactor.Find(h.handle)
	if h.gone || c == nil {
		sh.abandon(h)
		return
	}
	s := sh.sessions.at(c)
	s.state = stateHandshake // the worker has finished with it
	sh.reconsider(h)
	var u *presence.User
	var whole uint32
	var arrived bool
	if h.refusal.Status == 0 {
		if u, whole, arrived = sh.server.hub.Join(h.claims.UserID, h.claims.Username, h.handle, sh.now(), func(*presence.User, *history.Store) {}); u == nil {
			h.refuse(reason.RefusedUser)
		}
	}
	if h.refusal.Status != 0 {
		sh.server.slots.Give()
		sh.refuse(s, h.why, &h.refusal)
		sh.accountFor(s)
		return
	}
	sh.goLive(s, h, u, whole)
	if arrived {
		sh.server.announcer.Arrived(presence.Person{ID: h.claims.UserID, Name: h.claims.Username})
	}
	if len(h.early) > 0 {
		sh.readFrames(s, h.early)
	}
	sh.accountFor(s)
	sh.recycle(h)
}

// abandon gives up a handshake whose connection has ended. A session that is still there has it, and gives it up itself.
func (sh *shard) abandon(h *handshake) {
	sh.server.slots.Give()
	if h.gone {
		sh.recycle(h)
	}
}

// reconsider refuses a handshake because of changes since it was offered.
func (sh *shard) reconsider(h *handshake) {
	if h.refusal.Status != 0 {
		return
	}
	if sh.server.draining.Load() {
		h.refuse(reason.RefusedDraining)
		return
	}
	now := sh.now().Unix()
	if v := sh.server.revocations.Check(&h.claims, now); v.BannedUntil > 0 {
		h.refuse(reason.RefusedBanned)
		h.wait = int(v.BannedUntil - now)
		return
	} else if v.Revoked {
		h.refuse(reason.RefusedRevoked)
		return
	}
	if out, unknown := sh.server.deactivations.since(h.epoch, h.claims.UserID); out {
		h.refuse(reason.RefusedInactive)
	} else if unknown {
		h.refuse(reason.RefusedDirectory)
	}
}

// goLive attaches the user, which the hub now has, to the session, and adds the session to the fan-out and the
// heartbeat wheel.
func (sh *shard) goLive(s *session, h *handshake, u *presence.User, whole uint32) {
	s.handshake, s.user, s.state, s.deflate = nil, u, stateLive, h.deflate
	s.seen = sh.reactor.Tick()
	sh.tokens.hold(s, &h.claims)
	s.credit = admit.NewCredit(sh.rules.RateLimit, s.seen, whole, mostMissing)
	sh.fanout.Join(s)
	sh.alive++
	if s.Compressed() {
		sh.server.compressing.Add(1)
	}
	sh.server.recent.Load().Add(h.token)
	sh.countHandshake(s)
	sh.server.live.Add(1)
	s.conn.Send(h.answer)
	s.conn.SetDeadline(sh.firstBeat(s))
}
