package fanout

import (
	"iter"

	"github.com/google/uuid"
)

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

// AddTopic makes a topic. It costs some 60 bytes as long as nothing is posted to it.
func (f *Fanout[S]) AddTopic() Topic {
	t := Topic(f.topics.take())
	f.topics.at(t.index()).topic = t
	return t
}

// AddRoom makes a topic for messages about another one, which its subscribers can ask for. It does not count as one of their topics.
func (f *Fanout[S]) AddRoom() Topic {
	t := -f.AddTopic()
	f.topics.at(t.index()).topic = t
	return t
}

// RemoveTopic removes a topic, which must have no subscribers. Its number may be used again.
func (f *Fanout[S]) RemoveTopic(t Topic) {
	p := f.topics.at(t.index())
	*p = topic[S]{log: log{due: p.due}}
	f.topics.release(t.index())
}

// Subscribers returns the number of a topic's subscribers.
func (f *Fanout[S]) Subscribers(t Topic) int { return len(f.topics.at(t.index()).members) }

// SubscriberAt returns the subscriber of a topic at an index. A subscriber that leaves moves others only towards the beginning.
func (f *Fanout[S]) SubscriberAt(t Topic, index int) S {
	return f.topics.at(t.index()).members[index].member
}

// Topics iterates over a member's topics. The loop may end subscriptions: one that is ended before the loop comes to it is
// yielded nevertheless.
func (f *Fanout[S]) Topics(s S) iter.Seq[Topic] {
	return func(yield func(Topic) bool) {
		list := f.listed[:0]
		f.listed = nil // a loop within the loop makes another list
		m := s.Member()
		for i := f.subscriptions.first(m.subscriptions); i != 0; {
			at := f.subscriptions.at(i)
			if at.topic > 0 {
				list = append(list, at.topic)
			}
			i = f.subscriptions.after(m.subscriptions, at)
		}
		for _, t := range list {
			if !yield(t) {
				break
			}
		}
		f.listed = list
	}
}

// TopicCount returns the number of a member's topics.
func (f *Fanout[S]) TopicCount(s S) int { return f.subscriptions.topics(s.Member().subscriptions) }

// Subscribed reports whether a member is a subscriber of a topic.
func (f *Fanout[S]) Subscribed(s S, t Topic) bool {
	return *f.subscriptions.find(&s.Member().subscriptions, t) != 0
}

// Subscribe makes a member a subscriber of a topic. It gets the messages that are posted from now on. The result is false
// if it is one already, or is no member.
func (f *Fanout[S]) Subscribe(s S, t Topic) bool {
	m := s.Member()
	if !m.Joined() || *f.subscriptions.find(&m.subscriptions, t) != 0 {
		return false
	}
	p := f.topics.at(t.index())
	i := f.subscriptions.take()
	*f.subscriptions.at(i) = subscription{topic: t, index: int32(len(p.members))}
	f.subscriptions.insert(&m.subscriptions, i)
	if len(p.members) == cap(p.members) {
		p.resize(len(p.members) + max(len(p.members)*2/5, 4))
	}
	p.members = append(p.members, subscriber[S]{s, f.order, i})
	return true
}

// Unsubscribe ends a member's subscription, with what is pending for it. The result is false if there is none.
func (f *Fanout[S]) Unsubscribe(s S, t Topic) bool {
	m := s.Member()
	link := f.subscriptions.find(&m.subscriptions, t)
	i := *link
	if i == 0 {
		return false
	}
	if m.queue != 0 {
		f.forgetTopic(&f.queues[m.queue-1], t)
	}
	f.subscriptions.unlink(&m.subscriptions, link)
	f.remove(i)
	return true
}

// remove takes a subscription from its topic. The members that have got the topic's first segment stay before the cursor.
func (f *Fanout[S]) remove(i int32) {
	at := f.subscriptions.at(i)
	p, hole := f.topics.at(at.topic.index()), at.index
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
}

func (f *Fanout[S]) moveSubscriber(p *topic[S], from, to int32) {
	if from != to {
		p.members[to] = p.members[from]
		f.subscriptions.at(p.members[to].subscription).index = to
	}
}

// resize copies the list. It grows by two fifths: with a quarter the copies leave more garbage, so that a subscription takes 123 and not 92 bytes of resident
// memory, and with a half a list may have room for more than 40 bytes a subscription.
func (p *topic[S]) resize(capacity int) {
	p.members = append(make([]subscriber[S], 0, capacity), p.members...)
}

// AddTo posts a frame for the subscribers of a topic, except for the user from; see Add.
func (f *Fanout[S]) AddTo(t Topic, frame, compressed []byte, from uuid.UUID, at uint32) {
	p := f.topics.at(t.index())
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
		p := f.topics.at(f.due.pop().index())
		units--
		if p.head != nil {
			units -= f.passTopic(p, min(share, units), sent)
		}
		if p.due = p.head != nil; p.due {
			f.due.push(p.topic)
		}
	}
	return units
}

// passTopic sends the first segment of a topic to the next subscribers, for about so many units, and returns how many it
// has used.
func (f *Fanout[S]) passTopic(p *topic[S], units int, sent *Count) (used int) {
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
			used += f.serve(&p.log, p.topic, s, m, after, sent)
		} else {
			used++
		}
	}
	if p.endIfOver(&f.backlog, len(p.members)); p.head == nil {
		f.pending--
	}
	return used
}
