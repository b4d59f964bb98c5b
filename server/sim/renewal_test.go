package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// renewal is a new token that a client has sent and that has no answer yet.
type renewal struct {
	token
	ref  string // the message's id
	code string // of the error it deserves; empty: none
	read time.Time
}

// receiveExpiring checks that the notice of a token's end comes once, in time and with the right content. Usually the
// client then sends another token.
func (c *client) receiveExpiring(text []byte) error {
	var m struct {
		Data struct {
			Ends    time.Time `json:"expires_at"`
			Seconds int
		}
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	if c.warned && c.renewal == nil {
		return fmt.Errorf("told twice of one token's end: %s", text)
	}
	c.warned = true
	if d := m.Data; d.Seconds < 0 || d.Seconds > 60 || !near(d.Ends, c.ends) && !near(d.Ends, c.before) && (c.renewal == nil || !near(d.Ends, c.renewal.ends)) {
		return fmt.Errorf("told of a token's end at %v (before: %v): %s", c.ends, c.before, text)
	}
	if c.renewal == nil && !c.quiet && !c.leaving && !c.w.calm && c.w.random.IntN(4) > 0 {
		c.refresh()
	}
	return nil
}

func near(a, b time.Time) bool { return a.Sub(b).Abs() <= time.Second }

// refresh sends a new token, or an invalid one.
func (c *client) refresh() {
	w := c.w
	r, owner := &renewal{ref: "refresh-" + w.newID()}, c.user
	if w.random.IntN(6) == 0 {
		owner = w.users[w.random.IntN(len(w.users))]
	}
	n := len(claims)
	if c.manner == brittle {
		n = plainClaims
	}
	if r.token = w.newToken(owner, time.Duration(60+w.random.IntN(300))*time.Second, claims[w.random.IntN(n)]); owner != c.user {
		r.code = "refresh_refused"
	}
	if w.random.IntN(6) == 0 {
		r.text, r.code = r.text[:len(r.text)-1], "token_signature"
	}
	c.renewal = r
	c.speak(opText, fmt.Appendf(nil, `{"id":"%s","message_type":"refresh","data":{"token":"%s"}}`, r.ref, r.text), item{kind: itemRefresh, id: r.ref})
}

// receiveRenewal checks the answer to a refresh, and reports false if the message is none.
func (c *client) receiveRenewal(kind string, text []byte) (bool, error) {
	r := c.renewal
	if kind != "refreshed" && !(kind == "error" && bytes.Contains(text, []byte(`"ref_id":"refresh-`))) {
		return false, nil
	}
	if c.lawless {
		return true, nil
	}
	if r == nil || !bytes.Contains(text, []byte(r.ref)) {
		return true, fmt.Errorf("an answer to no refresh: %s", text)
	}
	c.renewal = nil
	says := func(code string) bool { return bytes.Contains(text, []byte(`"code":"`+code+`"`)) }
	busy := says("refresh_refused") && bytes.Contains(text, []byte("busy")) && c.w.net.Now().Sub(r.read) > 1900*time.Millisecond
	banned := says("banned") && r.read.Before(c.user.bannedUntil)
	switch {
	case busy, banned:
	case kind == "refreshed" && r.code == "":
		c.before, c.token, c.warned = c.ends, r.token, false
	case kind == "error" && r.code != "" && says(r.code):
	case says("token_expired") && c.w.net.Now().After(r.ends):
	case says("token_revoked") && c.w.revoked(c.user, &r.token):
	default:
		return true, fmt.Errorf("a refresh that deserves %q is answered %s", r.code, text)
	}
	return true, nil
}
