package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
	"momentum/server/directory"
)

// roster is a directory that answers when a test tells it to.
type roster struct {
	remembered map[uuid.UUID]directory.User
	asked      []question
	recalled   func() // called once, after Recall has been called
}

type question struct {
	id uuid.UUID
	by time.Time
	to directory.Asker
}

func newRoster() *roster { return &roster{remembered: map[uuid.UUID]directory.User{}} }

func (r *roster) Recall(id uuid.UUID) (directory.User, bool) {
	u, fresh := r.remembered[id]
	if then := r.recalled; then != nil {
		r.recalled = nil
		then()
	}
	return u, fresh
}

func (r *roster) Ask(id uuid.UUID, by time.Time, to directory.Asker) {
	r.asked = append(r.asked, question{id, by, to})
}

var standings = map[string]directory.Standing{"unknown": directory.Unknown, "inactive": directory.Inactive, "active": directory.Active}

var errDown = errors.New("the database is down")

// remember puts a user into the directory's cache.
func (r *roster) remember(name, standing string) {
	r.remembered[userID(name)] = directory.User{ID: userID(name), Username: name + " by the book", Standing: standings[standing]}
}

// answer answers all questions about a user, and returns their number.
func (r *roster) answer(name, standing string) (asked int) {
	var err error
	if standing == "down" {
		err = errDown
	}
	u := directory.User{ID: userID(name), Username: name + " by the book", Standing: standings[standing]}
	r.asked = slices.DeleteFunc(r.asked, func(q question) bool {
		if q.id != u.ID {
			return false
		}
		asked++
		q.to.Answer(u, err)
		return true
	})
	return asked
}

// tokenWith signs a token: "LIFE [JTI]".
func (w *world) tokenWith(name, what string) string {
	life, id, _ := strings.Cut(what, " ")
	d, err := time.ParseDuration(life)
	if err != nil {
		w.t.Fatal(err)
	}
	now := w.net.Now()
	token, err := auth.Sign(secret, auth.Claims{
		UserID: userID(name), Username: name, ID: id, IssuedAt: now.Unix(), ExpiresAt: now.Add(d).Unix(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func refreshMessage(token string) string {
	return fmt.Sprintf(`{"id":"r","message_type":"refresh","data":{"token":%q}}`, token)
}

// revoke adds a revocation and returns the number of connections that it has closed.
func (w *world) revoke(r auth.Revocation) int {
	w.t.Helper()
	e, err := w.server.Revoke(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.net.Settle()
	closed, err := e.Wait(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return closed
}

// deactivate is Server.Deactivate without the wait, because the test itself runs the reactors.
func (w *world) deactivate(names ...string) {
	users := make([]uuid.UUID, len(names))
	for i, name := range names {
		users[i] = userID(name)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = w.server.Deactivate(over, users...)
}
