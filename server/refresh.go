package server

import (
	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/reason"
)

// refresh is a new token that a live session has sent, while it is being checked. It refers to the session only by its
// handle, and the session keeps only a flag: if the session ends meanwhile, the refresh comes back with a handle that
// is no longer valid.
type refresh struct {
	tokenCheck
	server *Server
	ref    []byte // id of the message
}

// refreshRefused is the error code for a refresh that is refused although its token is not at fault.
const refreshRefused = "refresh_refused"

const busyRefresh = "the node is busy: send the token again in some seconds"

// refresh has a session's new token checked. A session can have one check at a time.
func (t *tokens) refresh(s *session, e *protocol.Envelope) {
	sh := t.sh
	token, ok := sh.parser.Token(e.Data)
	switch {
	case !ok:
		sh.complain(refreshRefused, `data must be {"token":"…"}`, e.ID)
		return
	case s.refreshing:
		sh.complain(refreshRefused, "a token is being checked: wait for the answer before sending another", e.ID)
		return
	}
	r := &refresh{server: sh.server, ref: append([]byte(nil), e.ID...)}
	r.tokenCheck = tokenCheck{handle: s.handle(), token: append([]byte(nil), token...), offered: sh.now(), owner: r}
	s.refreshing = true
	if !sh.server.checks.offer(&r.tokenCheck) {
		s.refreshing = false
		sh.complain(refreshRefused, busyRefresh, e.ID)
	}
}

// tokenChecked posts the refresh back to its reactor. The directory is not asked: after a deactivation it has the
// user's connections closed.
func (r *refresh) tokenChecked() {
	r.server.group.Post(netpoll.Post{Op: opRefreshed, To: r.handle, Ref: r}, nil)
}

// extension returns for how many ticks a session outlives its token: while a new token is being checked, as long as
// that check may take. Further refreshes do not extend it.
func (s *session) extension() int32 {
	if !s.refreshing {
		return 0
	}
	return int32(ticks(maxTokenCheckWait))
}

// refreshed replaces the old token with the new one, or sends the client the error; the old token then remains valid
// until its end.
func (t *tokens) refreshed(r *refresh) {
	sh := t.sh
	c := sh.reactor.Find(r.handle)
	if c == nil {
		return
	}
	s := sh.sessions.at(c)
	s.refreshing = false
	if s.state != stateLive {
		return
	}
	if code, message := t.faultOf(s, r); code != "" {
		sh.complain(code, message, r.ref)
	} else {
		t.drop(s)
		t.hold(s, &r.claims)
		sh.server.recent.Load().Add(r.token)
		sh.count.Refreshed.Add(1)
		sh.fault = append(t.appendExpiry(sh.fault[:0], s), '}')
		sh.reply = append(sh.reply, sh.encode(protocol.Outgoing{ID: r.ref, Type: protocol.Refreshed, Data: sh.fault})...)
	}
	sh.flushReply(s)
	s.conn.SetDeadline(0) // its meaning has changed, and it may have passed long ago
}

// faultOf returns why a new token is refused, or "".
func (t *tokens) faultOf(s *session, r *refresh) (code, message string) {
	switch {
	case r.late:
		return refreshRefused, busyRefresh
	case r.fault != nil:
		return r.fault.Code, r.fault.Message
	case r.claims.UserID != s.user.ID:
		return refreshRefused, "the token is another user's: open a connection of its own for it"
	}
	switch v := t.sh.server.revocations.Check(&r.claims, t.sh.now().Unix()); {
	case v.BannedUntil > 0:
		return reason.RefusedBanned.String(), "the administrator has banned this user"
	case v.Revoked:
		return reason.RefusedRevoked.String(), reason.RefusedRevoked.Text()
	}
	return "", ""
}
