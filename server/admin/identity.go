package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"momentum/server"
	"momentum/server/auth"
)

// Ledger stores revocations where other nodes find them, and this node after a restart.
type Ledger interface {
	Record(ctx context.Context, r auth.Revocation) error
	// Lift deletes the ban of a user, or the other revocations of a token or of a user, as r names them.
	Lift(ctx context.Context, r auth.Revocation) error
}

// Where a revocation is kept, besides this node's memory.
const (
	keptUntilRestart = "until restart"
	keptInDatabase   = "database"
	keptInCluster    = "cluster"
)

// closedAnswer is the answer to a disconnect.
type closedAnswer struct {
	Success bool `json:"success"`
	server.Closed
	Kept  string     `json:"kept,omitempty"`  // of a ban: where, or for how long
	Until *time.Time `json:"until,omitempty"` // of a ban: when it ends
}

// revokedAnswer is the answer to a revocation.
type revokedAnswer struct {
	Success bool `json:"success"`
	server.Closed
	Kept  string     `json:"kept"`  // where, or for how long
	Until *time.Time `json:"until"` // when it ends; null: never
}

// endOf returns when a revocation that is in force ends, or nil if it never does.
func (c *sidecar) endOf(r auth.Revocation) *time.Time {
	return endTime(c.server.RevokedUntil(r))
}

// disconnection is a call that closes a user's connections, and bans the user until a time, in seconds since 1970; 0: no ban.
type disconnection struct {
	user   uuid.UUID
	reason string
	until  int64
}

func (c *sidecar) readDisconnection(w http.ResponseWriter, r *http.Request) (d disconnection, fault *fault) {
	call, fault := readFields(w, r, "user_id", "reason", "ban_seconds")
	if fault != nil {
		return d, fault
	}
	if d.user, fault = call.userID("user_id"); fault != nil {
		return d, fault
	}
	if d.reason, fault = call.closeReason(); fault != nil {
		return d, fault
	}
	ban, fault := call.seconds("ban_seconds", maxBanSeconds)
	if ban > 0 {
		d.until = c.server.Now().Unix() + ban
	}
	return d, fault
}

func (c *sidecar) disconnect(w http.ResponseWriter, r *http.Request) *fault {
	d, fault := c.readDisconnection(w, r)
	if fault != nil {
		return fault
	}
	ctx, cancel := context.WithTimeout(r.Context(), evictionTimeout)
	defer cancel()
	closed, err := c.reach(r).Disconnect(ctx, d.user, d.reason, d.until)
	if fault := notInForce(err); fault != nil {
		return fault
	}
	answer := closedAnswer{Success: true, Closed: closed}
	if d.until > 0 {
		banned := auth.Ban(d.user, d.until)
		if answer.Kept, fault = c.record(ctx, r, banned); fault != nil {
			return fault
		}
		answer.Until = c.endOf(banned)
	}
	switch {
	case err != nil:
		return notClosedInTime
	case answer.Connections == 0 && d.until == 0 && !answer.Partial.Partial:
		return notOnline
	}
	respond(w, http.StatusOK, answer)
	return nil
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
	ctx, cancel := context.WithTimeout(r.Context(), evictionTimeout)
	defer cancel()
	closed, err := c.reach(r).Revoke(ctx, revocation)
	if fault := notInForce(err); fault != nil {
		return fault
	}
	answer := revokedAnswer{Success: true, Closed: closed}
	if answer.Kept, fault = c.record(ctx, r, revocation); fault != nil {
		return fault
	}
	if err != nil {
		return notClosedInTime
	}
	answer.Until = c.endOf(revocation)
	respond(w, http.StatusOK, answer)
	return nil
}

// notInForce returns the answer to a call whose ban or revocation is not in force. The database must not record it
// either: with more revocations than a node holds, no node could start.
func notInForce(err error) *fault {
	switch {
	case errors.Is(err, auth.ErrTooManyRevocations):
		return &fault{503, "too_many_revocations", err.Error() + "; what was connected is being closed, and may come back"}
	case errors.Is(err, server.ErrBadReason):
		return badReason
	}
	return nil
}

// record writes a revocation to the ledger, after it has been put in force here: closing connections need not wait
// for the database, and the database's notification then closes nothing more on this node, so that the answer counts
// all connections.
func (c *sidecar) record(ctx context.Context, call *http.Request, r auth.Revocation) (kept string, refused *fault) {
	var err error
	where, kept := "the database", keptInDatabase
	if c.Ledger != nil {
		err = c.Ledger.Record(ctx, r)
	} else {
		reach := c.reach(call)
		if !reach.Keeps() {
			return keptUntilRestart, nil
		}
		where, kept, err = "Redis", keptInCluster, reach.Record(ctx, r)
	}
	if err != nil {
		c.Log.Error("a revocation was not recorded", "error", err)
		return "", notRecorded("in force", where, err)
	}
	return kept, nil
}

// notRecorded returns the answer to a call that had its effect on the nodes that have answered, and is not stored for others.
func notRecorded(effect, where string, err error) *fault {
	next := "try again"
	if errors.Is(err, server.ErrKeptLater) {
		next = "this node stores it there when it can, unless it stops before"
	}
	return &fault{503, "not_recorded", "it is " + effect + " on the nodes that have answered, but " + where + " did not take it: " + next}
}

var (
	badReason       = &fault{400, "bad_reason", "reason must be of at most " + strconv.Itoa(server.MaxReasonBytes) + " bytes: a close frame carries it"}
	notOnline       = &fault{404, "user_not_online", server.ErrNotOnline.Error()}
	notClosedInTime = &fault{503, "overloaded", "it is in force, but not every reactor has closed its connections in time; they will"}
)

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

// seconds returns a field that is a number of seconds from 1 to most, or 0 if it is absent.
func (f fields) seconds(name string, most int64) (int64, *fault) {
	raw, there := f[name]
	if !there {
		return 0, nil
	}
	var n *int64
	if json.Unmarshal(raw, &n) != nil || n == nil || *n < 1 || *n > most {
		return 0, &fault{400, "bad_seconds", name + " must be a whole number of seconds from 1 to " + strconv.FormatInt(most, 10)}
	}
	return *n, nil
}

// revocation parses a revocation: of one token, or of a user's tokens. Without "until" it never ends.
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
			r.IssuedBefore = now + 1 // tokens issued in this second, too
		}
	}
	if refused != nil {
		return r, refused
	}
	if r.Until, refused = f.seconds("until", auth.MaxUnixSeconds); refused == nil && r.Until == 0 {
		r.Until = auth.Forever // neither a jti nor a time of issue says when the tokens expire
	}
	if refused == nil && r.Until <= now {
		refused = &fault{400, "bad_seconds", "until must be in the future, in seconds since 1970"}
	}
	return r, refused
}
