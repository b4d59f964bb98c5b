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
	node *node
	ref  []byte // id of the message
}

// refreshRefused is the error code for a refresh that is refused although its token is not at fault.
const refreshRefused = "refresh_refused"

const busyRefresh = "the node is busy: send the token again in some seconds"

// refreshes replaces the tokens of live sessions.
type refreshes struct {
	*base
	tokens        *tokens
	replies       *replies
	subscriptions *subscriptions
}

// begin starts the check of a session's new token, which came in the message with that id. A session has at most one
// check under way.
func (f *refreshes) begin(s *session, id, token []byte) {
	if s.token.refreshing {
		f.replies.complain(refreshRefused, "a token is being checked: wait for the answer before sending another", id)
		return
	}
	r := &refresh{node: f.node, ref: append([]byte(nil), id...)}
	r.tokenCheck = tokenCheck{handle: s.handle(), token: append([]byte(nil), token...), offered: f.now(), owner: r}
	s.token.refreshing = true
	if !f.node.checks.offer(&r.tokenCheck) {
		s.token.refreshing = false
		f.replies.complain(refreshRefused, busyRefresh, id)
	}
}

// tokenChecked posts the refresh back to its reactor. The directory is not asked: after a deactivation it has the
// user's connections closed.
func (r *refresh) tokenChecked() {
	r.node.group.Post(netpoll.Post{Op: opRefreshed, To: r.handle, Ref: r}, nil)
}

// finish replaces the old token with the new one, or sends the client the error; the old token then remains valid
// until its end.
func (f *refreshes) finish(r *refresh) {
	c := f.reactor.Find(r.handle)
	if c == nil {
		return
	}
	s := f.sessions.at(c)
	s.token.refreshing = false
	if s.state != stateLive {
		return
	}
	if code, message := f.faultOf(s, r); code != "" {
		f.replies.complain(code, message, r.ref)
	} else {
		f.tokens.drop(s)
		f.tokens.hold(s, &r.claims)
		recent := f.node.recent.Load()
		recent.Add(recent.Sum(r.token))
		f.count.Refreshed.Add(1)
		f.replies.add(protocol.Outgoing{ID: r.ref, Type: protocol.Refreshed, Data: f.tokens.expiry(s)})
		if s.member.Joined() { // or else its replay joins the topics when it is over
			f.subscriptions.follow(s)
		}
	}
	f.replies.flush(s)
	s.conn.SetDeadline(0) // the old deadline meant something else, and may have passed
}

// faultOf returns why a new token is refused, or "".
func (f *refreshes) faultOf(s *session, r *refresh) (code, message string) {
	switch {
	case r.late:
		return refreshRefused, busyRefresh
	case r.fault != nil:
		return r.fault.Code, r.fault.Message
	case r.claims.UserID != s.user.ID:
		return refreshRefused, "the token is another user's: open a connection of its own for it"
	}
	switch v := f.node.revocations.Check(&r.claims, f.now().Unix()); {
	case v.BannedUntil > 0:
		return reason.RefusedBanned.String(), "the administrator has banned this user"
	case v.Revoked:
		return reason.RefusedRevoked.String(), reason.RefusedRevoked.Text()
	}
	return "", ""
}
