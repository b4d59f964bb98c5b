package fanout

import (
	"iter"

	"github.com/google/uuid"
)

// Topic is the number of a topic on this reactor. The numbers are small, so that a caller can index a list by them. The
// zero value is no topic.
type Topic int32

// topic is a log for the members that have subscribed to it.
type topic[S Sink] struct {
	log
	members []subscriber[S]
}

// subscriber is a member's place in a topic's list.
type subscriber[S Sink] struct {
	member       S
	since        uint32 // order number of the last post before the subscription: earlier messages are not for it
	subscription int32
}

// subscription is the same place as the member sees it.
type subscription struct {
	topic Topic
	index int32 // index in the topic's list
	next  int32 // of the member's subscriptions
}

// AddTopic makes a topic. It costs some 60 bytes as long as nothing is posted to it.
func (f *Fanout[S]) AddTopic() Topic { return Topic(f.topics.take()) }

// RemoveTopic removes a topic, which must have no subscribers. Its number may be used again.
func (f *Fanout[S]) RemoveTopic(t Topic) {
	p := f.topics.at(int32(t))
	*p = topic[S]{log: log{due: p.due}}
	f.topics.release(int32(t))
}

// Subscribers returns the number of a topic's subscribers.
func (f *Fanout[S]) Subscribers(t Topic) int { return len(f.topics.at(int32(t)).members) }

// SubscriberAt returns the subscriber of a topic at an index. A subscriber that leaves moves others only towards the beginning.
func (f *Fanout[S]) SubscriberAt(t Topic, index int) S {
	return f.topics.at(int32(t)).members[index].member
}

// Topics iterates over a member's topics. The loop may end subscriptions: one that is ended before the loop comes to it may be
// yielded nevertheless.
func (f *Fanout[S]) Topics(s S) iter.Seq[Topic] {
	return func(yield func(Topic) bool) {
		for i := s.Member().subscriptions; i != 0; {
			at := *f.subscriptions.at(i)
			if !yield(at.topic) {
				return
			}
			i = at.next
		}
	}
}

// Subscribe makes a member a subscriber of a topic. It gets the messages that are posted from now on. The result is false
// if it is one already, or is no member.
func (f *Fanout[S]) Subscribe(s S, t Topic) bool {
	m := s.Member()
	if !m.Joined() || *f.find(m, t) != 0 {
		return false
	}
	p := f.topics.at(int32(t))
	i := f.subscriptions.take()
	*f.subscriptions.at(i) = subscription{t, int32(len(p.members)), m.subscriptions}
	m.subscriptions = i
	if len(p.members) == cap(p.members) {
		p.resize(len(p.members) + max(len(p.members)/4, 4))
	}
	p.members = append(p.members, subscriber[S]{s, f.order, i})
	return true
}

// Unsubscribe ends a member's subscription, with what is pending for it. The result is false if there is none.
func (f *Fanout[S]) Unsubscribe(s S, t Topic) bool {
	link := f.find(s.Member(), t)
	if *link == 0 {
		return false
	}
	if q := s.Member().queue; q != 0 {
		f.forgetTopic(&f.queues[q-1], t)
	}
	*link = f.remove(*link)
	return true
}

// unsubscribeAll ends all subscriptions of a member.
func (f *Fanout[S]) unsubscribeAll(m *Member) {
	for m.subscriptions != 0 {
		m.subscriptions = f.remove(m.subscriptions)
	}
}

// find returns the link to a member's subscription of a topic; the link is 0 if there is none.
func (f *Fanout[S]) find(m *Member, t Topic) *int32 {
	link := &m.subscriptions
	for *link != 0 && f.subscriptions.at(*link).topic != t {
		link = &f.subscriptions.at(*link).next
	}
	return link
}

// remove takes a subscription from its topic and returns the member's next one. The members that have got the topic's
// first segment stay before the cursor.
func (f *Fanout[S]) remove(i int32) (next int32) {
	at := f.subscriptions.at(i)
	p, hole := f.topics.at(int32(at.topic)), at.index
	if hole < p.cursor {
		p.cursor--
		f.moveSubscriber(p, p.cursor, hole)
		hole = p.cursor
	}
	last := int32(len(p.members) - 1)
	f.moveSubscriber(p, last, hole)
	p.members[last] = subscriber[S]{}
	p.members = p.members[:last]
	switch {
	case last == 0:
		if p.members = nil; p.head != nil {
			p.dropAll(&f.backlog)
			f.pending--
		}
	case int(last) <= cap(p.members)/4 && cap(p.members) > 16:
		p.resize(cap(p.members) / 2)
	}
	f.subscriptions.release(i)
	return at.next
}

func (f *Fanout[S]) moveSubscriber(p *topic[S], from, to int32) {
	if from != to {
		p.members[to] = p.members[from]
		f.subscriptions.at(p.members[to].subscription).index = to
	}
}

// resize copies the list. It grows by a quarter, and not by half of it or more as append would: most of the memory of a
// subscription is here.
func (p *topic[S]) resize(capacity int) {
	p.members = append(make([]subscriber[S], 0, capacity), p.members...)
}

// AddTo posts a frame for the subscribers of a topic, except for the user from; see Add.
func (f *Fanout[S]) AddTo(t Topic, frame, compressed []byte, from uuid.UUID, at uint32) {
	p := f.topics.at(int32(t))
	if len(p.members) == 0 {
		return
	}
	if p.head == nil {
		f.pending++
	}
	if !p.due {
		p.due = true
		f.due.push(t)
	}
	p.post(&f.backlog, &post{frame, compressed, from, at, f.compressed > 0}, true)
}

// passTopics continues the passes of the topics with messages, each of them at most once, and returns the units that are
// left. Each topic gets a share of the units in turn, so that a small topic does not wait for the whole pass of a large
// one.
func (f *Fanout[S]) passTopics(units int, sent *Count) int {
	n := f.due.len()
	if n == 0 {
		return units
	}
	for share := max(units/n, leastShare); n > 0 && units > 0; n-- {
		t := f.due.pop()
		p := f.topics.at(int32(t))
		units--
		if p.head != nil {
			units -= f.passTopic(t, p, min(share, units), sent)
		}
		if p.due = p.head != nil; p.due {
			f.due.push(t)
		}
	}
	return units
}

// passTopic sends the first segment of a topic to the next subscribers, for about so many units, and returns how many it
// has used.
func (f *Fanout[S]) passTopic(t Topic, p *topic[S], units int, sent *Count) (used int) {
	if !p.passing {
		if f.gathering.waits(&p.log, len(p.members)) {
			return 0
		}
		p.begin(&f.backlog)
	}
	for last := p.head.last; int(p.cursor) < len(p.members) && used < units; {
		s, since := p.members[p.cursor].member, p.members[p.cursor].since
		p.cursor++
		m := s.Member()
		if after := later(m.order, since); before(after, last) {
			used += f.serve(&p.log, t, s, m, after, sent)
		} else {
			used++
		}
	}
	if p.endIfOver(&f.backlog, len(p.members)); p.head == nil {
		f.pending--
	}
	return used
}
