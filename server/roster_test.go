package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
	"momentum/server/directory"
)

// roster is a directory that answers when a test says so.
type roster struct {
	remembered map[uuid.UUID]directory.User
	asked      []question
}

type question struct {
	id uuid.UUID
	by time.Time
	to directory.Asker
}

func newRoster() *roster { return &roster{remembered: map[uuid.UUID]directory.User{}} }

func (r *roster) Recall(id uuid.UUID) (directory.User, bool) {
	u, fresh := r.remembered[id]
	return u, fresh
}

func (r *roster) Ask(id uuid.UUID, by time.Time, to directory.Asker) {
	r.asked = append(r.asked, question{id, by, to})
}

var standings = map[string]directory.Standing{"unknown": directory.Unknown, "inactive": directory.Inactive, "active": directory.Active}

var errDown = errors.New("the database is down")

// remember has the roster know a user's standing without being asked.
func (r *roster) remember(name, standing string) {
	r.remembered[userID(name)] = directory.User{ID: userID(name), Username: name + " by the book", Standing: standings[standing]}
}

// answer says what there is to say of a user to whoever has asked, and how many those were.
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

// consult is a line of a conversation about the directory.
func (w *world) consult(what string) string {
	r := w.options.Directory.(*roster)
	words := strings.Fields(what)
	switch words[0] {
	case "remembers":
		r.remember(words[1], words[2])
	case "forgets":
		delete(r.remembered, userID(words[1]))
	case "answers":
		return fmt.Sprintf("directory: asked by %d", r.answer(words[1], words[2]))
	case "waits":
		return fmt.Sprintf("directory: %d wait", len(r.asked))
	default:
		w.t.Fatalf("a directory cannot %q", what)
	}
	return ""
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

// actOnTokens does what a client does about its token, and says whether that was it.
func (w *world) actOnTokens(c *client, verb, rest string) bool {
	switch verb {
	case "presents":
		c.Send(upgradeRequest(w.tokenWith(c.name, rest)))
	case "refreshes":
		owner := c.name
		if name, token, others := strings.Cut(rest, "'s "); others {
			owner, rest = name, token
		}
		c.text(refreshMessage(w.tokenWith(owner, rest)))
	default:
		return false
	}
	return true
}

// banish is what an administrator does about users and tokens.
func (w *world) banish(verb, rest string) (said string, done bool) {
	switch verb {
	case "deactivate":
		w.deactivate(rest)
		return "", true
	case "disconnect": // NAME BAN REASON
		words := strings.SplitN(rest, " ", 3)
		ban, err := time.ParseDuration(words[1])
		if err != nil {
			w.t.Fatal(err)
		}
		until := int64(0)
		if ban > 0 {
			until = w.net.Now().Add(ban).Unix()
		}
		e, err := w.server.Disconnect(userID(words[0]), strings.Join(words[2:], ""), until)
		if e == nil {
			return fmt.Sprintf("admin: error %v", err), true
		}
		w.net.Settle()
		closed, late := e.Wait(w.t.Context())
		return fmt.Sprintf("admin: %d closed, errors %v, %v", closed, err, late), true
	case "revoke": // the token JTI, or NAME's issued so long ago
		r := auth.Revocation{TokenID: rest, Until: w.net.Now().Add(time.Hour).Unix()}
		if name, ago, user := strings.Cut(rest, "'s older than "); user {
			d, err := time.ParseDuration(ago)
			if err != nil {
				w.t.Fatal(err)
			}
			r = auth.Revocation{UserID: userID(name), IssuedBefore: w.net.Now().Add(-d).Unix(), Until: r.Until}
		}
		return fmt.Sprintf("admin: %d closed", w.revoke(r)), true
	case "stats":
		all, _ := json.Marshal(w.server.Stats())
		var each map[string]any
		_ = json.Unmarshal(all, &each)
		value, _ := json.Marshal(each[rest])
		return "admin: " + rest + " " + strconv.Quote(string(value)), true
	}
	return "", false
}

// revoke revokes and returns how many connections that has closed.
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

// deactivate is Server.Deactivate without the wait, for which the test itself has to run the reactors.
func (w *world) deactivate(names ...string) {
	users := make([]uuid.UUID, len(names))
	for i, name := range names {
		users[i] = userID(name)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = w.server.Deactivate(over, users...)
}
