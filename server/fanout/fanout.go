package fanout

import "github.com/google/uuid"

// Fanout is the fan-out of one reactor. Messages for many lie in logs (see log.go): one for all members, and one for each
// topic that has messages (see topic.go). Messages for a single member lie in a queue of its own (see queue.go). What is
// pending for a member is all that was posted after its position, in any of them.
type Fanout[S Sink] struct {
	members    []S
	compressed int // members that take compressed frames
	renewal    renewal

	backlog
	gathering     gathering
	everybody     log
	topics        slab[topic[S]]
	subscriptions subscriptions
	listed        []Topic
	due           ring[Topic] // the topics that have messages
	pending       int         // number of topics that have messages

	queues   []queue[S]
	free     []int32  // queues without a member
	visits   []int32  // queues of the members to visit in this turn and the next ones
	queued   int      // bytes in queues
	maxQueue int      // limit on the bytes in one member's queue
	none     queue[S] // stands for the queue of a member that has none
	sources  sources
	scratch  []byte
}

// New makes a fan-out without members. A member with more than the given number of bytes in its queue overflows.
func New[S Sink](maxQueue int) Fanout[S] { return Fanout[S]{maxQueue: maxQueue} }

// Members returns the number of members.
func (f *Fanout[S]) Members() int { return len(f.members) }

// Waits describes the messages that wait to be sent.
type Waits struct {
	Bytes  int    // for a pass over the members, or over those of a topic
	Since  uint32 // when the oldest of those was posted, by the caller's clock; 0 if there are none
	Queued int    // bytes in the queues of single members
	ForAll bool   // some are for all members, or a pass over these is under way
}

// Waiting returns a description of the messages that wait.
func (f *Fanout[S]) Waiting() Waits {
	w := Waits{Bytes: f.waiting.bytes, Queued: f.queued, ForAll: f.everybody.head != nil}
	if g := f.waiting.oldest; g != nil {
		w.Since = g.posted
	}
	return w
}

// Add posts a frame for all but the user from; the zero UUID excludes no user. compressed is the same frame
// compressed, or nothing where that is not worth it; at is the caller's time, which is not 0.
func (f *Fanout[S]) Add(frame, compressed []byte, from uuid.UUID, at uint32) {
	f.everybody.post(&f.backlog, &post{frame, compressed, from, at, f.compressed > 0}, false)
}

// Join adds a member. It gets the messages that are posted from now on.
func (f *Fanout[S]) Join(s S) {
	f.members = append(f.members, s)
	*s.Member() = Member{index: int32(len(f.members)), order: f.order}
	if s.Compressed() {
		f.compressed++
	}
}

// Leave removes a member and its subscriptions, whether or not messages wait for it. Other members fill its place in such a way
// that the members before the cursor are still the ones that have got the first segment. It takes a few steps for each
// subscription.
func (f *Fanout[S]) Leave(s S) {
	m := s.Member()
	hole := int(m.index) - 1
	if m.queue != 0 {
		f.release(m)
	}
	for i := f.subscriptions.first(m.subscriptions); i != 0; {
		next := f.subscriptions.after(m.subscriptions, f.subscriptions.at(i))
		f.remove(i)
		i = next
	}
	f.subscriptions.drop(&m.subscriptions)
	*m = Member{}
	if s.Compressed() {
		f.compressed--
	}
	if cursor := int(f.everybody.cursor); hole < cursor {
		f.everybody.cursor--
		f.move(cursor-1, hole)
		hole = cursor - 1
	}
	last := len(f.members) - 1
	f.move(last, hole)
	var none S
	f.members[last] = none
	f.members = f.members[:last]
}

func (f *Fanout[S]) move(from, to int) {
	if from != to {
		f.members[to] = f.members[from]
		f.members[to].Member().index = int32(to) + 1
	}
}

// Count counts the results of a turn's fan-out.
type Count struct {
	Messages uint64 // deliveries: one for each member to which a message was sent
}

// Advance visits the members with a queue, then makes up to about budget sends of the logs, and reports whether more is to
// be done at once. If both the topics and the log of all members have messages, the topics get at most half of the sends.
// A member gets at most one segment a turn: between turns its socket can take the bytes that were queued for it.
//
// now is the caller's time in microseconds, as for Add. A pass over many members waits a little before it begins (see
// gathering.go), and Next returns when that wait is over; with now 0, passes begin at once.
func (f *Fanout[S]) Advance(budget int, now uint32, sent *Count) (more bool) {
	f.renew()
	more = f.visitQueues(sent)
	f.gathering = gathering{now: now}
	units, logs := budget*unitsPerSend, 0
	if f.everybody.head == nil {
		f.passTopics(units, sent)
	} else {
		f.passAll(units/2+f.passTopics(units/2, sent), sent)
		if f.everybody.head != nil {
			logs = 1
		}
	}
	logs += f.due.len()
	return more || logs > f.gathering.logs // a log with messages does not wait
}

// Next returns the time before which there is nothing to do, if Advance has reported that there is no more; 0 if there is
// nothing to do until the next post.
func (f *Fanout[S]) Next() uint32 { return f.gathering.next }

// passAll sends the first segment of the log of all members to the next ones, for about so many units.
func (f *Fanout[S]) passAll(units int, sent *Count) {
	l := &f.everybody
	if !l.passing {
		if f.gathering.waits(l, len(f.members)) {
			return
		}
		l.begin(&f.backlog)
	}
	for last := l.head.last; int(l.cursor) < len(f.members) && units > 0; {
		s := f.members[l.cursor]
		l.cursor++
		if m := s.Member(); before(m.order, last) {
			units -= f.serve(l, 0, s, m, m.order, sent)
		} else {
			units--
		}
	}
	l.endIfOver(&f.backlog, len(f.members))
}

// PassOver returns when the oldest frame of the passes that have ended since the last call was posted; 0 if none has.
func (f *Fanout[S]) PassOver() (posted uint32) {
	posted, f.over = f.over, 0
	return posted
}
