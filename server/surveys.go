package server

import (
	"context"

	"github.com/google/uuid"

	"momentum/netpoll"
)

// surveys lists the users online on all nodes of a cluster. A reactor asks one question at a time, at most one in a tick, on a
// goroutine, since an answer may take a second. All clients that ask for the same page until then get one answer, which is made
// after they have asked: so a storm of clients that ask costs the other nodes ten pages a second for each reactor.
type surveys struct {
	*base
	listings *listings
	underWay bool
}

// survey is one question, and then its answer.
type survey struct {
	after uuid.UUID
	limit int
	asked []*listing // by clients; they get the page
	surveyed
}

// tick asks for the page that has waited for longest.
func (v *surveys) tick() {
	if len(v.listings.surveyed) == 0 {
		return
	}
	v.reactor.WantTick()
	if v.underWay {
		return
	}
	if q := v.next(); q != nil {
		v.underWay = true
		go q.ask(v.node, v.reactor.Index())
	}
}

// next takes the listings of the page that has waited for longest, and drops those of sessions that have ended.
func (v *surveys) next() (q *survey) {
	all := v.listings.surveyed
	rest := all[:0]
	for _, a := range all {
		switch {
		case a.gone.Load():
			v.listings.end(a)
		case q == nil:
			q = &survey{after: a.after, limit: a.limit, asked: []*listing{a}}
		case a.after == q.after && a.limit == q.limit:
			q.asked = append(q.asked, a)
		default:
			rest = append(rest, a)
		}
	}
	clear(all[len(rest):])
	if v.listings.surveyed = rest; len(rest) == 0 {
		v.listings.surveyed = nil
	}
	return q
}

// ask has the nodes answer, and posts the answer to the reactor.
func (q *survey) ask(n *node, reactor int) {
	ctx, cancel := context.WithTimeout(context.Background(), surveyPatience)
	defer cancel()
	q.surveyed = n.survey(ctx, q.after, q.limit)
	n.group.PostTo(reactor, netpoll.Post{Op: opSurvey, Ref: q}, nil)
}

// finish gives the page to the clients that have asked for it.
func (v *surveys) finish(q *survey) {
	v.underWay = false
	next, scope := "", ""
	if q.more && len(q.users) > 0 {
		next = q.users[len(q.users)-1].UserID.String()
	}
	if q.partial {
		scope = `,"partial":true`
	}
	page := appendUsers(beginPage(nil, "", q.count, scope), q.users, next)
	for _, a := range q.asked {
		a.page = page
		v.listings.add(a)
	}
}
