package server

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// listings answers clients that ask which users are online, or have subscribed to a topic on this node. A turn lists a
// bounded number of users. Questions for the same page in one turn share that page, so a storm of questions costs
// little more than the bytes of the answers.
type listings struct {
	*base
	replies       *replies
	subscriptions *subscriptions
	askers        askers
	waiting       []*listing // includes questions of other reactors' sessions that visit this reactor
	surveyed      []*listing // for all users of the cluster: they wait for a survey
	made          bool       // page was made in this turn
	page          onlinePage
}

// listing is a client's question that is being answered. A question about a topic visits one reactor after the other.
type listing struct {
	to    netpoll.Handle // the session that asks
	id    []byte
	limit int

	after uuid.UUID // for all users: the last user on the page before
	page  []byte    // the data of the answer; nil: not made yet

	topic         string // "": all users
	reactor, left int    // left: how many of its subscribers are still to be visited, from the last to the first
	count         int
	held          int // places of found that the node counts
	found         []presence.Person
	ready         bool // found has the whole page

	refused bool        // a reactor that it visited has too many questions
	gone    atomic.Bool // the session has ended: the question goes back to its reactor and is dropped
}

// allSubscribers is the value of left before a listing has begun with a reactor.
const allSubscribers = math.MaxInt

// onlinePage is a page of all users, as the data of the answer.
type onlinePage struct {
	after uuid.UUID
	limit int
	data  []byte
}

// ask starts the answer to a session's question. It returns false if the cursor was not made by this server.
func (l *listings) ask(s *session, id []byte, w protocol.Listing) bool {
	a := &listing{to: s.handle(), id: append([]byte(nil), id...), topic: w.Topic, limit: w.Limit}
	if !a.begin(w.After, l.node.group.Reactors()) {
		return false
	}
	if w.Topic != "" && l.subscriptions.find(s, w.Topic) == 0 {
		l.replies.complain("not_subscribed", "subscribe to the topic before you ask for its users", id)
		return true
	}
	room, first := l.askers.enter(a)
	if !room {
		l.complain(a)
		return true
	}
	s.traffic.credit.Owe(l.rules.RateLimit, 0, min(w.Limit, l.node.announcer.Online())*listedBytes)
	if first {
		l.start(a)
	}
	return true
}

func (l *listings) complain(a *listing) {
	l.replies.complain("overloaded", "too many questions for users wait: ask again later", a.id)
}

// begin reads a cursor. For all users it is the id of the last user on the page before; for a topic it is a reactor, and the number of its
// subscribers that are still to be visited.
func (a *listing) begin(after string, reactors int) bool {
	a.left = allSubscribers
	switch {
	case after == "":
		return true
	case a.topic == "":
		id, err := uuid.Parse(after)
		a.after = id
		return err == nil && len(after) == len(uuid.UUID{}.String())
	}
	reactor, left, within := strings.Cut(after, ".")
	r, err := strconv.ParseUint(reactor, 10, 31)
	if a.reactor = int(r); err != nil || a.reactor >= reactors {
		return false
	}
	if within {
		var n uint64
		n, err = strconv.ParseUint(left, 10, 31)
		a.left = int(n)
	}
	return err == nil
}

// start begins to answer a question.
func (l *listings) start(a *listing) {
	switch {
	case a.topic == "" && l.node.relay != nil:
		l.surveyed = append(l.surveyed, a)
		l.reactor.WantTick()
	case a.topic != "" && !l.hold(a):
		l.refuse(a)
	default:
		l.add(a)
	}
}

// hold reserves the places of a topic's page in the node's limit, and reports whether there was room.
func (l *listings) hold(a *listing) bool {
	l.node.topics.With([]byte(a.topic), func(t *topics.Topic, _ *history.Store) { a.held = min(a.limit, t.Subscribers()) })
	if l.node.listed.Add(int64(a.held)) <= maxListed {
		return true
	}
	l.node.listed.Add(-int64(a.held))
	a.held = 0
	return false
}

// add queues a listing for its next step on this reactor. A listing that is back at its own reactor ends here if it was
// refused, or if its session has ended.
func (l *listings) add(a *listing) {
	home := a.to.Reactor() == l.reactor.Index()
	switch {
	case home && a.gone.Load():
		l.end(a)
	case home && a.refused:
		l.refuse(a)
	case a.topic != "" && !a.ready && len(l.waiting) >= maxListings:
		a.refused = true
		l.sendHome(a)
	default:
		l.waiting = append(l.waiting, a)
		l.reactor.Wake()
	}
}

func (l *listings) sendHome(a *listing) {
	l.node.group.Post(netpoll.Post{Op: opListing, To: a.to, Ref: a}, nil)
}

// refuse ends a question for which there is no room.
func (l *listings) refuse(a *listing) {
	if s := l.live(a.to); s != nil {
		l.complain(a)
		l.replies.flush(s)
	}
	l.end(a)
}

// end ends a question, and begins the next one of its session.
func (l *listings) end(a *listing) {
	l.node.listed.Add(-int64(a.held))
	a.held = 0
	if next := l.askers.done(a); next != nil {
		l.start(next)
	}
}

// advance makes some steps, and reports whether there are more.
func (l *listings) advance() (more bool) {
	l.made = false
	for budget := listingBudget; budget > 0 && len(l.waiting) > 0; {
		a := l.waiting[0]
		if l.waiting[0], l.waiting = nil, l.waiting[1:]; len(l.waiting) == 0 {
			l.waiting = nil
		}
		switch {
		case a.page != nil:
			budget -= l.answer(a, a.page)
		case a.topic == "":
			budget -= l.answerOnline(a)
		case a.ready:
			budget -= l.answer(a, l.encodeTopic(a))
		default:
			budget -= l.visit(a)
		}
	}
	return len(l.waiting) > 0
}

// answerOnline answers with a page of all users, and returns the cost.
func (l *listings) answerOnline(a *listing) (cost int) {
	if !l.made || l.page.after != a.after || l.page.limit != a.limit {
		l.made, l.page.after, l.page.limit = true, a.after, a.limit
		cost = l.makePage()
	}
	return cost + l.answer(a, l.page.data)
}

// makePage lists users online.
func (l *listings) makePage() (cost int) {
	p := &l.page
	count, users := l.node.hub.Online(), l.node.hub.Page(p.after, p.limit+1)
	next := ""
	if len(users) > p.limit {
		users = users[:p.limit]
		next = users[p.limit-1].UserID.String()
	}
	p.data = appendUsers(beginPage(p.data[:0], "", count, ""), users, next)
	return len(users) + listingBudget/64
}

// visit collects subscribers on this reactor, and passes the listing on to the next reactor, or back to the session that asks.
func (l *listings) visit(a *listing) (cost int) {
	if a.gone.Load() {
		l.sendHome(a)
		return 1
	}
	here, before := l.reactor.Index(), len(a.found)
	if a.reactor == here {
		a.ready = !l.collect(a)
	}
	if a.ready = a.ready || a.reactor >= l.node.group.Reactors(); a.ready {
		l.sendHome(a)
	} else {
		l.node.group.PostTo(a.reactor, netpoll.Post{Op: opListing, Ref: a}, nil)
	}
	return len(a.found) - before + 1
}

// collect adds subscribers on this reactor to the page, and reports whether the page continues with the next reactor. It goes from the
// last subscriber to the first: when a subscriber leaves, others move only towards the beginning of the list, so none that stays is
// missed; some may be listed twice.
func (l *listings) collect(a *listing) (further bool) {
	var id fanout.Topic
	l.node.topics.With([]byte(a.topic), func(t *topics.Topic, _ *history.Store) {
		id, a.count = fanout.Topic(t.Here[l.reactor.Index()].ID), t.Subscribers()
	})
	n := 0
	if id != 0 {
		n = l.fanout.Subscribers(id)
	}
	for a.left = min(a.left, n); a.left > 0 && len(a.found) < a.limit; a.left-- {
		u := l.fanout.SubscriberAt(id, a.left-1).user
		a.found = append(a.found, presence.Person{ID: u.ID, Name: l.node.hub.Name(u)})
	}
	if a.left > 0 {
		return false
	}
	a.reactor, a.left = a.reactor+1, allSubscribers
	return len(a.found) < a.limit
}

// encodeTopic makes the data of the answer about a topic.
func (l *listings) encodeTopic(a *listing) []byte {
	scope := ""
	if l.node.relay != nil {
		scope = `,"scope":"node"`
	}
	d := beginPage(l.replies.fault[:0], a.topic, a.count, scope)
	for i, p := range a.found {
		d = appendPerson(d, i, p)
	}
	next := ""
	if a.reactor < l.node.group.Reactors() {
		next = strconv.Itoa(a.reactor)
		if a.left != allSubscribers {
			next += "." + strconv.Itoa(a.left)
		}
	}
	l.replies.fault = endPage(d, next)
	return l.replies.fault
}

// answer sends an answer to the session that asked, if it is still there.
func (l *listings) answer(a *listing, data []byte) (cost int) {
	defer l.end(a)
	s := l.live(a.to)
	if s == nil {
		return 1
	}
	l.count.Listings.Add(1)
	l.replies.add(protocol.Outgoing{ID: a.id, Type: protocol.Who, Data: data})
	l.replies.flush(s)
	return 1 + len(data)/(listedBytes*sendShare)
}

// beginPage begins the data of an answer. scope is a JSON member that says which users are missing, or "".
func beginPage(dst []byte, topic string, count int, scope string) []byte {
	dst = append(dst, '{')
	if topic != "" {
		dst = append(append(append(dst, `"topic":"`...), topic...), `",`...)
	}
	dst = strconv.AppendInt(append(dst, `"count":`...), int64(count), 10)
	return append(append(dst, scope...), `,"users":[`...)
}

// appendUsers appends users online and the end of the page.
func appendUsers(dst []byte, users []presence.OnlineUser, next string) []byte {
	for i := range users {
		dst = appendPerson(dst, i, presence.Person{ID: users[i].UserID, Name: users[i].Username})
	}
	return endPage(dst, next)
}

func appendPerson(dst []byte, i int, p presence.Person) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	dst = protocol.AppendUUID(append(dst, `{"user_id":`...), p.ID)
	dst = protocol.AppendString(append(dst, `,"username":`...), p.Name)
	return append(dst, '}')
}

func endPage(dst []byte, next string) []byte {
	dst = append(dst, ']')
	if next != "" {
		dst = append(append(append(dst, `,"next":"`...), next...), '"')
	}
	return append(dst, '}')
}
