package sim

import (
	"bytes"
	"fmt"
	"time"

	"momentum/server/auth"
	"momentum/server/directory"
)

// account decides whether a user may connect.
type account struct {
	standing      directory.Standing
	told          int       // changes that the node has been notified of
	unanswered    int       // changes of it that the node does not know yet
	clearedAt     time.Time // when the node was notified last that the user is active
	deactivated   int       // the turn of the last Deactivate
	disconnected  int       // the turn of the last Disconnect
	bannedUntil   time.Time
	revokedBefore int64 // tokens issued before this are revoked
}

// token is one that a client has.
type token struct {
	text   string
	id     string
	issued int64
	ends   time.Time // leeway included
	claim  *auth.Topics
}

// credentials are a client's tokens, and the notices about them that it received.
type credentials struct {
	token
	tokenChecked int                // the turn in which its token was checked
	admitted     int                // the turn in which it was admitted
	said         directory.Standing // the answer of the directory, or unanswered
	unanswered   bool               // the directory had no answer in time
	renewal      *renewal           // under way
	warned       bool               // of the present token's end
	before       time.Time          // the end of the token before
}

// newToken signs a token for a user: usually a long one, which they use for all they do, now and then a short one.
func (w *world) newToken(u *user, life time.Duration, claim *auth.Topics) token {
	if life == 0 && u.own.text != "" && (!w.revoked(u, &u.own) || u != w.witness.user && w.random.IntN(3) == 0) {
		return u.own
	}
	w.tokens++
	now := w.net.Now()
	t := token{id: fmt.Sprint("t", w.tokens), issued: now.Unix(), claim: claim}
	long := life == 0
	if long {
		life = 100 * time.Hour
	}
	exp := now.Add(life).Unix()
	t.ends = time.Unix(exp, 0).Add(auth.Leeway)
	text, err := auth.Sign(secret, auth.Claims{UserID: u.id, Username: u.name, ID: t.id, IssuedAt: t.issued, ExpiresAt: exp, Topics: claim})
	if err != nil {
		w.t.Fatal(err)
	}
	if t.text = text; long {
		u.own = t
	}
	return t
}

// present gives the client the token it connects with.
func (c *client) present() string {
	life := time.Duration(0)
	if c != c.w.witness && c.w.random.IntN(4) == 0 {
		life = time.Duration(1+c.w.random.IntN(200)) * time.Second
	}
	n := len(claims)
	if c.manner == brittle { // nobody could know whether its node had subscribed it before the connection broke
		n, life = plainClaims, max(life, time.Hour)
	}
	c.token, c.said = c.w.newToken(c.user, life, claims[c.w.random.IntN(n)]), unanswered
	return c.token.text
}

func (w *world) revoked(u *user, t *token) bool {
	return w.revokedIDs[t.id] || t.issued < u.revokedBefore
}

// checkAdmission checks that nothing was known that should have kept the client out.
func (c *client) checkAdmission() {
	u, w := c.user, c.w
	switch {
	case c.said != unanswered && c.said != directory.Active:
		w.fail(c, "admitted, and the directory said %d", c.said)
	case w.registry != nil && c.said == unanswered:
		w.fail(c, "admitted, and the directory has not said a word")
	case c.tokenChecked < u.deactivated:
		w.fail(c, "admitted, though deactivated while its token was checked")
	case w.net.Now().Before(u.bannedUntil):
		w.fail(c, "admitted, though banned")
	case w.revoked(u, &c.token):
		w.fail(c, "admitted with a revoked token")
	}
	c.admitted = w.turn
}

// justRefusal reports whether the refusal of a client fits its token and user.
func (c *client) justRefusal(b []byte) bool {
	u, now := c.user, c.w.net.Now()
	says := func(code string) bool { return bytes.Contains(b, []byte(`"error":"`+code+`"`)) }
	switch {
	case says("user_unknown"):
		return u.standing == directory.Unknown && c.said == directory.Unknown
	case says("user_inactive"):
		return u.standing == directory.Inactive || u.unanswered > 0 || !u.clearedAt.Before(c.asked) || c.tokenChecked < u.deactivated
	case says("directory"):
		return c.unanswered
	case says("banned"):
		return now.Before(u.bannedUntil)
	case says("token_expired"):
		return now.Add(slack).After(c.ends)
	case says("token_revoked"):
		return c.w.revoked(u, &c.token)
	}
	return false
}

// justClose says whether there is reason for one of the close codes of our own.
func (c *client) justClose(code int) bool {
	now := c.w.net.Now().Add(slack)
	switch code {
	case 4001:
		return now.After(c.ends) || c.renewal != nil && now.After(c.renewal.ends)
	case 4002:
		return c.w.revoked(c.user, &c.token) || c.renewal != nil && c.w.revoked(c.user, &c.renewal.token)
	case 4003:
		return c.admitted < c.user.deactivated
	case 4004:
		return c.admitted < c.user.disconnected
	}
	return false
}

// eviction is a client that the node must have closed by the end of its work.
type eviction struct {
	c    *client
	code int
}

func (w *world) mustBeClosed(code int, all []*client) {
	for _, c := range all {
		w.evicted = append(w.evicted, eviction{c, code})
	}
}

// expel revokes tokens, bans and deactivates users, as an administrator does.
func (w *world) expel() {
	u, now := w.users[w.random.IntN(len(w.users))], w.net.Now()
	if u == w.witness.user {
		return
	}
	w.turn++
	switch w.random.IntN(3) {
	case 0:
		ban := time.Duration(w.random.IntN(2)*w.random.IntN(120)) * time.Second
		u.disconnected = w.turn
		until := int64(0)
		if ban > 0 {
			until = now.Add(ban).Unix()
			if end := time.Unix(until, 0); end.After(u.bannedUntil) {
				u.bannedUntil = end
			}
		}
		w.mustBeClosed(4004, u.live)
		_, _ = w.server.Disconnect(u.id, "", until)
	case 1:
		if len(w.clients) == 0 {
			return
		}
		c := w.clients[w.random.IntN(len(w.clients))]
		if c.user == w.witness.user || c.id == "" {
			return
		}
		w.revokedIDs[c.id] = true
		for _, other := range c.user.live {
			if other.id == c.id && other.renewal == nil {
				w.mustBeClosed(4002, []*client{other})
			}
		}
		_, _ = w.server.Revoke(auth.Revocation{TokenID: c.id, Until: now.Add(200 * time.Hour).Unix()})
	case 2:
		u.revokedBefore = now.Unix()
		for _, c := range u.live {
			if c.issued < u.revokedBefore && c.renewal == nil {
				w.mustBeClosed(4002, []*client{c})
			}
		}
		_, _ = w.server.Revoke(auth.Revocation{UserID: u.id, IssuedBefore: now.Unix(), Until: now.Add(200 * time.Hour).Unix()})
	}
}

// checkIdentities checks, after the node's work, that all evicted clients are closed and none outlives its token.
func (w *world) checkIdentities() {
	for _, e := range w.evicted {
		if e.c.phase == live {
			w.fail(e.c, "live, though it was to be closed with %d", e.code)
		}
	}
	w.evicted = w.evicted[:0]
	if w.steps%lookEvery != 0 {
		return
	}
	for _, c := range w.clients {
		if c.phase == live && c.renewal == nil && w.net.Now().After(c.ends.Add(slack)) {
			w.fail(c, "its token ended %v ago", w.net.Now().Sub(c.ends))
		}
	}
}

// checkStandings holds at rest.
func (w *world) checkStandings() {
	for _, u := range w.users {
		if w.registry != nil && u.standing != directory.Active && len(u.live) > 0 {
			w.fail(u.live[0], "live, and its user's standing is %d", u.standing)
		}
		if w.net.Now().Before(u.bannedUntil) && len(u.live) > 0 {
			w.fail(u.live[0], "live, and its user is banned")
		}
	}
	for _, c := range w.clients {
		if c.phase == live && c.renewal != nil && c.answersPings() && c.manner != brittle {
			w.fail(c, "its refresh %s was never answered", c.renewal.ref)
		}
	}
}
