package server

import (
	"context"

	"github.com/google/uuid"

	"momentum/netpoll"
)

// surveys lists the users online on all nodes of a cluster. A reactor has one survey under way at a time, and begins at most one in
// a tick. It runs on a goroutine, since the answer may take a second. One survey answers all clients that have asked for the same
// page before it began, so however many clients ask, the other nodes make at most ten pages a second for each reactor.
type surveys struct {
	*base
	listings *listings
	underWay bool
}

// survey is a question to all nodes for one page of users.
type survey struct {
	after    uuid.UUID
	limit    int
	asked    []*listing // the clients' questions that it answers
	surveyed            // the answer
}

// tick begins the survey for the client that has waited for longest, if none is under way.
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

// next makes the survey for the client that has waited for longest and for all that ask for the same page, and drops the questions of
// sessions that have ended.
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

// ask asks the nodes, waits for their answers, and posts the page to the reactor.
func (q *survey) ask(n *node, reactor int) {
	ctx, cancel := context.WithTimeout(context.Background(), surveyPatience)
	defer cancel()
	q.surveyed = n.survey(ctx, q.after, q.limit)
	n.group.PostTo(reactor, netpoll.Post{Op: opSurvey, Ref: q}, nil)
}

// finish sends the page to the clients that have asked for it.
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
