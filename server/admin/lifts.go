package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"momentum/server"
	"momentum/server/auth"
)

// banRow is one row of GET /ws/bans.
type banRow struct {
	UserID uuid.UUID  `json:"user_id"`
	Until  *time.Time `json:"until"` // null: it never ends
}

// bansAnswer is a page of GET /ws/bans.
type bansAnswer struct {
	Count int        `json:"count"`
	Bans  []banRow   `json:"bans"`
	Next  *uuid.UUID `json:"next,omitempty"` // pass it as after= for the next page
	server.Partial
}

// bans answers with the bans in force.
func bans(s *server.Server) answer {
	return func(w http.ResponseWriter, r *http.Request) *fault {
		limit, refused := requestedLimit(r)
		if refused != nil {
			return refused
		}
		after := ""
		if text := r.URL.Query().Get("after"); text != "" {
			user, refused := parseUserID("after", text)
			if refused != nil {
				return refused
			}
			after = (&auth.Revocation{UserID: user}).Name()
		}
		found, err := reachOf(s, r).Bans(r.Context(), after, limit)
		if err != nil {
			return unanswered
		}
		page := bansAnswer{Count: found.Count, Bans: []banRow{}, Partial: found.Partial}
		for _, b := range found.Rows {
			page.Bans = append(page.Bans, banRow{b.UserID, endTime(b.Until)})
		}
		if last := len(page.Bans) - 1; found.More && last >= 0 {
			page.Next = &page.Bans[last].UserID
		}
		respond(w, http.StatusOK, page)
		return nil
	}
}

// revocationRow is one row of GET /ws/revocations.
type revocationRow struct {
	TokenID      string     `json:"token_id,omitempty"`
	UserID       *uuid.UUID `json:"user_id,omitempty"`       // all tokens of the user
	IssuedBefore *time.Time `json:"issued_before,omitempty"` // that were issued before
	Until        *time.Time `json:"until"`                   // null: it never ends
}

// revocationsAnswer is a page of GET /ws/revocations.
type revocationsAnswer struct {
	Count       int             `json:"count"`
	Revocations []revocationRow `json:"revocations"`
	Next        string          `json:"next,omitempty"` // pass it as after= for the next page
	server.Partial
}

// revocations answers with the revocations in force, without the bans.
func revocations(s *server.Server) answer {
	return func(w http.ResponseWriter, r *http.Request) *fault {
		limit, refused := requestedLimit(r)
		if refused != nil {
			return refused
		}
		found, err := reachOf(s, r).Revocations(r.Context(), r.URL.Query().Get("after"), limit)
		if err != nil {
			return unanswered
		}
		page := revocationsAnswer{Count: found.Count, Revocations: []revocationRow{}, Partial: found.Partial}
		for _, one := range found.Rows {
			row := revocationRow{TokenID: one.TokenID, Until: endTime(one.Until)}
			if one.TokenID == "" {
				before := time.Unix(one.IssuedBefore, 0).UTC()
				row.UserID, row.IssuedBefore = &one.UserID, &before
			}
			page.Revocations = append(page.Revocations, row)
			if found.More {
				page.Next = one.Name()
			}
		}
		respond(w, http.StatusOK, page)
		return nil
	}
}

// endTime returns the end of a revocation, or nil if it has none.
func endTime(until int64) *time.Time {
	if until > auth.MaxUnixSeconds {
		return nil
	}
	end := time.Unix(until, 0).UTC()
	return &end
}

// liftAnswer is the answer to the DELETE of a ban or of another revocation.
type liftAnswer struct {
	Success bool `json:"success"`
	server.Lifted
}

// lifter ends bans and other revocations.
type lifter struct {
	server *server.Server
	ledger Ledger // nil: none
}

// ban ends the ban that the path names.
func (l lifter) ban(w http.ResponseWriter, r *http.Request) *fault {
	user, refused := parseUserID("the user", strings.TrimPrefix(r.URL.Path, "/ws/bans/"))
	if refused != nil {
		return refused
	}
	return l.lift(w, r, auth.Ban(user, 0), &fault{404, "not_banned", "this user is not banned; GET /ws/bans lists those who are"})
}

// revocation ends the revocation that the path names.
func (l lifter) revocation(w http.ResponseWriter, r *http.Request) *fault {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/ws/revocations/"), "/")
	one := auth.Revocation{}
	switch {
	case kind == "token" && id != "":
		one.TokenID = id
	case kind == "user":
		user, refused := parseUserID("the user", id)
		if refused != nil {
			return refused
		}
		one.UserID = user
	default:
		return &fault{400, "bad_revocation", "name it as /ws/revocations/token/ID or /ws/revocations/user/USER_ID"}
	}
	return l.lift(w, r, one, &fault{404, "not_revoked", "there is no such revocation; GET /ws/revocations lists those in force"})
}

func (l lifter) lift(w http.ResponseWriter, r *http.Request, one auth.Revocation, none *fault) *fault {
	ctx, cancel := context.WithTimeout(r.Context(), evictionTimeout)
	defer cancel()
	if l.ledger != nil {
		if err := l.ledger.Lift(ctx, one); err != nil {
			return &fault{503, "not_recorded", "the database did not take it, and nothing is lifted: try again"}
		}
	}
	lifted, err := reachOf(l.server, r).Lift(ctx, one, l.ledger == nil)
	switch {
	case errors.Is(err, server.ErrBusUnavailable):
		return notRecorded("lifted", "Redis", err)
	case err != nil:
		return unanswered
	case !lifted.InForce && !lifted.Partial.Partial:
		return none
	}
	respond(w, http.StatusOK, liftAnswer{true, lifted})
	return nil
}
