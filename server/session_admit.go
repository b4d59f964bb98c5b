package server

// admit takes a worker's verdict. Who is good may yet have to wait at the gate.
func (sh *shard) admit(h *handshake) {
	sh.gate.advance(sh.reactor.Tick())
	if h.gone || h.refusal.Status != 0 || sh.gate.pass(h) {
		sh.decide(h)
		return
	}
	sh.reactor.WantTick()
}

// openGate goes on with those who have waited.
func (sh *shard) openGate() {
	if !sh.gate.waits() {
		return
	}
	sh.gate.advance(sh.reactor.Tick())
	now := sh.now()
	for {
		h, late := sh.gate.next(now)
		if h == nil {
			break
		}
		if late && !h.gone {
			h.why, h.refusal = RefusedBusy, *RefusedBusy.refusal()
		}
		sh.decide(h)
	}
	if sh.gate.waits() {
		sh.reactor.WantTick()
	}
}

// decide acts on the verdict: the session goes live, or is refused while it is still plain HTTP.
func (sh *shard) decide(h *handshake) {
	sh.gate.leave(h.kind)
	c := sh.reactor.Find(h.handle)
	if h.gone || c == nil {
		sh.server.seats.give()
		sh.recycle(h)
		return
	}
	s := sh.sessions.at(c)
	s.state = stateHandshake // the worker has let go of it
	if h.refusal.Status == 0 && sh.server.draining.Load() {
		h.why, h.refusal = RefusedDraining, *RefusedDraining.refusal()
	}
	var u *user
	var arrived bool
	if h.refusal.Status == 0 {
		if u, arrived = sh.server.hub.join(h.claims.UserID, h.claims.Username, h.handle, sh.now()); u == nil {
			h.why, h.refusal = RefusedUser, *RefusedUser.refusal()
		}
	}
	if h.refusal.Status != 0 {
		sh.server.seats.give()
		sh.refuse(s, h.why, &h.refusal)
		return
	}
	sh.goLive(s, h, u)
	if arrived {
		sh.server.presence.arrived(person{h.claims.UserID, h.claims.Username})
	}
	if len(h.early) > 0 {
		sh.readFrames(s, h.early)
	}
	sh.recycle(h)
}

// goLive puts the user, whom the hub knows by now, on the session: a member of the fan-out, on the heartbeat wheel.
func (sh *shard) goLive(s *session, h *handshake, u *user) {
	s.handshake, s.user, s.state, s.deflate = nil, u, stateLive, h.deflate
	s.seen = sh.reactor.Tick()
	s.fill(sh.server.options.RateLimit, s.seen)
	sh.fanout.join(s)
	if s.takesPacked() {
		sh.server.packers.Add(1)
	}
	sh.server.recent.add(h.token)
	sh.count.admitted.Add(1)
	sh.server.live.Add(1)
	s.conn.Send(h.answer)
	s.conn.SetDeadline(sh.firstBeat(s))
}
