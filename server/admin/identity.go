package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"momentum/server"
	"momentum/server/auth"
)

// Ledger stores revocations where other nodes find them, and this node after a restart.
type Ledger interface {
	Record(ctx context.Context, r auth.Revocation) error
}

// Where, or for how long, a revocation in force is remembered.
const (
	keptUntilRestart = "until restart"
	keptInDatabase   = "database"
)

// closedAnswer is how many connections a call has closed.
type closedAnswer struct {
	Success     bool   `json:"success"`
	Connections int    `json:"connections"`    // closed
	Kept        string `json:"kept,omitempty"` // of a revocation or a ban: where, or for how long
}

func (c *sidecar) disconnect(w http.ResponseWriter, r *http.Request) *fault {
	call, fault := readFields(w, r, "user_id", "reason", "ban_seconds")
	if fault != nil {
		return fault
	}
	user, fault := call.userID("user_id")
	if fault != nil {
		return fault
	}
	reason, fault := call.closeReason()
	if fault != nil {
		return fault
	}
	ban, fault := call.seconds("ban_seconds", maxBanSeconds)
	if fault != nil {
		return fault
	}
	answer := closedAnswer{Success: true}
	ctx, cancel := context.WithTimeout(r.Context(), evictionTimeout)
	defer cancel()
	until := c.server.Now().Unix() + ban
	var err error
	answer.Connections, err = c.server.Disconnect(ctx, user, reason, time.Duration(ban)*time.Second)
	if ban > 0 && !refused(err) {
		if answer.Kept, fault = c.record(ctx, auth.Ban(user, until)); fault != nil {
			return fault
		}
	}
	return answerClosed(w, answer, err)
}

func (c *sidecar) revoke(w http.ResponseWriter, r *http.Request) *fault {
	call, fault := readFields(w, r, "token_id", "user_id", "issued_before", "until")
	if fault != nil {
		return fault
	}
	revocation, fault := call.revocation(c.server.Now().Unix())
	if fault != nil {
		return fault
	}
	answer := closedAnswer{Success: true}
	ctx, cancel := context.WithTimeout(r.Context(), evictionTimeout)
	defer cancel()
	var err error
	answer.Connections, err = c.server.Revoke(ctx, revocation)
	if !refused(err) {
		if answer.Kept, fault = c.record(ctx, revocation); fault != nil {
			return fault
		}
	}
	return answerClosed(w, answer, err)
}

// refused reports whether a revocation is not in force. It is then not recorded: with more revocations in the database than
// a node keeps, no node could start.
func refused(err error) bool {
	return errors.Is(err, server.ErrBadReason) || errors.Is(err, auth.ErrTooManyRevocations)
}

// record stores a revocation after it is in force on this node: waiting for the database would gain nothing. When the
// database then notifies this node, no connection is left to close, so this call's count is the complete one.
func (c *sidecar) record(ctx context.Context, r auth.Revocation) (kept string, refused *fault) {
	if c.Ledger == nil {
		return keptUntilRestart, nil
	}
	if err := c.Ledger.Record(ctx, r); err != nil {
		c.Log.Error("a revocation was not recorded", "error", err)
		return "", &fault{503, "not_recorded", "it is in force on this node until that ends, but the database did not take it: try again"}
	}
	return keptInDatabase, nil
}

func answerClosed(w http.ResponseWriter, answer closedAnswer, err error) *fault {
	switch {
	case errors.Is(err, auth.ErrTooManyRevocations):
		return &fault{503, "too_many_revocations", err.Error() + "; what was connected has been closed, and may come back"}
	case errors.Is(err, server.ErrBadReason):
		return badReason
	case err != nil:
		return &fault{503, "overloaded", "it is in force, but not every reactor has closed its connections in time; they will"}
	case answer.Connections == 0 && answer.Kept == "":
		return &fault{404, "user_not_online", server.ErrNotOnline.Error()}
	}
	respond(w, http.StatusOK, answer)
	return nil
}

var badReason = &fault{400, "bad_reason", "reason must be of at most " + strconv.Itoa(server.MaxReasonBytes) + " bytes: a close frame carries it"}

// closeReason returns the field reason, or "" if there is none.
func (f fields) closeReason() (string, *fault) {
	if _, there := f["reason"]; !there {
		return "", nil
	}
	reason, fault := f.text("reason")
	if fault != nil {
		return "", fault
	}
	if len(reason) > server.MaxReasonBytes {
		return "", badReason
	}
	return reason, nil
}

// seconds returns an optional field: a number of seconds from 1 to limit. Without the field it returns 0.
func (f fields) seconds(name string, limit int64) (int64, *fault) {
	raw, there := f[name]
	if !there {
		return 0, nil
	}
	var n *int64
	if json.Unmarshal(raw, &n) != nil || n == nil || *n < 1 || *n > limit {
		return 0, &fault{400, "bad_seconds", name + " must be a whole number of seconds from 1 to " + strconv.FormatInt(limit, 10)}
	}
	return *n, nil
}

// revocation reads which tokens to revoke: one token, or those of a user.
func (f fields) revocation(now int64) (r auth.Revocation, refused *fault) {
	_, token := f["token_id"]
	_, user := f["user_id"]
	_, before := f["issued_before"]
	switch {
	case token == user || token && before:
		return r, &fault{400, "bad_revocation", "send either token_id, or user_id and perhaps issued_before"}
	case token:
		r.TokenID, refused = f.text("token_id")
		if refused == nil && (r.TokenID == "" || len(r.TokenID) > maxTokenIDBytes) {
			refused = &fault{400, "bad_token_id", "token_id must be a token's jti, of 1 to " + strconv.Itoa(maxTokenIDBytes) + " bytes"}
		}
	default:
		if r.UserID, refused = f.userID("user_id"); refused == nil {
			r.IssuedBefore, refused = f.seconds("issued_before", now+int64(auth.Leeway/time.Second))
		}
		if r.IssuedBefore == 0 {
			r.IssuedBefore = now + 1 // of this second, too
		}
	}
	if refused != nil {
		return r, refused
	}
	if r.Until, refused = f.seconds("until", now+maxBanSeconds); refused == nil && r.Until == 0 {
		r.Until = now + auth.RevocationLife
	}
	if refused == nil && r.Until <= now {
		refused = &fault{400, "bad_seconds", "until must be in the future, in seconds since 1970"}
	}
	return r, refused
}
