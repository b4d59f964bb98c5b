package server

import (
	"hash/maphash"
	"math"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/auth"
	"momentum/server/reason"
)

// hold records the token that covers the session from now on. It does so until a handshake with the token would be
// refused: until exp and the leeway. That end is kept by two clocks, and the first to reach it counts. Ticks go on if
// somebody sets the wall clock back; the wall clock goes on while the host is suspended.
func (sh *shard) hold(s *session, c *auth.Claims) {
	end := time.Unix(c.ExpiresAt, 0).Add(auth.Leeway)
	life := uint32(min(longestLife, max(0, int64(end.Sub(sh.wall())/netpoll.TickLength))))
	s.token, s.issued = sh.server.tokenHash(c.ID), uint32(min(c.IssuedAt, math.MaxUint32))
	sh.tokens.add(s)
	s.expires, s.ends = sh.reactor.Tick()+life, uint32(min(end.Unix(), math.MaxUint32))
	s.warning = uint16(min(ticks(expiryWarning), life/2))
}

// tokenLeft returns for how many ticks the token still covers the session. It is negative once that is over.
func (sh *shard) tokenLeft(s *session) int32 {
	byTicks := int32(s.expires - sh.reactor.Tick())
	byWall := int64(time.Unix(int64(s.ends), 0).Sub(sh.wall()) / netpoll.TickLength)
	return int32(max(-longestLife, min(int64(byTicks), byWall)))
}

// tokenHash stands for a jti in sessions, where there is no room for it. Nobody who does not know the seed can make
// two that are alike.
func (s *Server) tokenHash(id string) uint64 {
	if id == "" {
		return noToken
	}
	return max(noToken+1, maphash.String(s.tokenSeed, id))
}

// warn tells the client once that its token is about to expire.
func (sh *shard) warn(s *session) {
	left := sh.tokenLeft(s)
	if s.warning == 0 || left > int32(s.warning) {
		return
	}
	s.warning = 0
	sh.fault = append(appendCount(sh.appendExpiry(sh.fault[:0], s), `,"seconds":`, int(max(0, left))/ticksPerSecond), '}')
	s.conn.Send(sh.encode(protocol.Outgoing{Type: protocol.TokenExpiring, Data: sh.fault}))
}

// appendExpiry begins the data of a message on when the session will end: an object, still open.
func (sh *shard) appendExpiry(dst []byte, s *session) []byte {
	left := time.Duration(sh.tokenLeft(s)) * netpoll.TickLength
	at := sh.wall().Add(left).Round(time.Second).UTC()
	return at.AppendFormat(append(dst, `{"expires_at":`...), `"`+time.RFC3339+`"`)
}

// refresh has a new token checked, as those of handshakes are. A session waits for one at a time.
func (sh *shard) refresh(s *session, e *protocol.Envelope) {
	token, ok := sh.parser.Token(e.Data)
	switch {
	case !ok:
		sh.complain(refreshRefused, `data must be {"token":"…"}`, e.ID)
		return
	case s.handshake != nil:
		sh.complain(refreshRefused, "a token is being checked: wait for the answer before sending another", e.ID)
		return
	}
	h := sh.takeHandshake(s)
	h.handle, h.renews, h.offered = s.handle(), true, sh.now()
	h.token = append(h.token[:0], token...)
	h.ref = append(h.ref[:0], e.ID...)
	if !sh.server.admission.offer(h) {
		s.handshake = nil
		sh.recycle(h)
		sh.complain(refreshRefused, "the node is busy: send the token again in some seconds", e.ID)
	}
}

// refreshRefused is the code of an error about a refresh in which the token itself is not at fault.
const refreshRefused = "refresh_refused"

// extension is for how many ticks a session outlives its token: for as long as the check of a new one may take, while
// one is being checked. It does not grow with every token that a client sends.
func (s *session) extension() int32 {
	if s.handshake == nil {
		return 0
	}
	return int32(ticks(maxAdmissionWait))
}

// renewed acts on the verdict on a new token: it takes the old one's place, or the client is told why not and the old
// one holds until its end.
func (sh *shard) renewed(h *handshake) {
	defer sh.recycle(h)
	c := sh.reactor.Find(h.handle)
	if h.gone || c == nil {
		return
	}
	s := sh.sessions.at(c)
	s.handshake = nil
	sh.weigh(s)
	if s.state != stateLive {
		return
	}
	if code, message := sh.faultOfRenewal(s, h); code != "" {
		sh.complain(code, message, h.id())
	} else {
		sh.tokens.remove(s)
		sh.hold(s, &h.claims)
		sh.server.recent.Load().Add(h.token)
		sh.count.Refreshed.Add(1)
		sh.fault = append(sh.appendExpiry(sh.fault[:0], s), '}')
		sh.reply = append(sh.reply, sh.encode(protocol.Outgoing{ID: h.id(), Type: protocol.Refreshed, Data: sh.fault})...)
	}
	sh.flushReply(s)
	s.conn.SetDeadline(0) // it now has another meaning, and may have passed long ago
}

// id returns the id of the message that a renewal answers, nil if it had none.
func (h *handshake) id() []byte {
	if len(h.ref) == 0 {
		return nil
	}
	return h.ref
}

// faultOfRenewal says why a new token is not taken, or "".
func (sh *shard) faultOfRenewal(s *session, h *handshake) (code, message string) {
	switch {
	case h.why == reason.RefusedToken:
		return h.refusal.Code, h.refusal.Message
	case h.why != reason.None:
		return refreshRefused, "the node is busy: send the token again in some seconds"
	case h.claims.UserID != s.user.ID:
		return refreshRefused, "the token is another user's: open a connection of its own for it"
	}
	switch v := sh.server.revocations.Check(&h.claims, sh.wall().Unix()); {
	case v.BannedUntil > 0:
		return reason.RefusedBanned.String(), "the administrator has banned this user"
	case v.Revoked:
		return reason.RefusedRevoked.String(), reason.RefusedRevoked.Text()
	}
	return "", ""
}
