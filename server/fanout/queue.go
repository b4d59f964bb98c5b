package fanout

import "slices"

// A queue holds the messages for one member alone until the member is visited, usually in the turn in which they were
// posted. The visit also sends the member the part of the logs that was posted before them, so that a message for one
// member never overtakes, and is never overtaken by, an earlier message of its sender for many. If that is more than a
// segment, the member is visited again in the next turn, until it has got everything.
//
// If a pass comes to a member with a queue, it leaves the member to that visit, and does not end before the visit: a
// visit sends older messages first, so each brings the member nearer to the end of the segment, whatever is posted for
// it meanwhile.

// visitBudget is how many members with a queue a turn visits, where each bytesPerSend counts as one more: half as many
// again as a turn applies posts.
const visitBudget = 768

// queue holds the messages for one member that are not in a log.
type queue[S Sink] struct {
	member S
	bytes  []byte
	frames []queued
	used   bool
	missed []missed // of the frames, in their order: those that end with a subscription
	late   []Topic  // the logs whose pass has left the member to its visit; 0 stands for the log of all members
}

// queued is the end of one frame, or of several that were posted together, in its queue, and its place in the order of all
// posts to the reactor.
type queued struct {
	end      uint32
	order    uint32
	messages uint32 // 0: the subscription has ended, so the frames are not sent
	topic    Topic  // that the frames were missed of; 0: none
}

// missed is the topic and the order of frames that were missed.
type missed struct {
	topic Topic
	order uint32
}

// Deliver posts a frame for one member. One turn may bring more of them than a queue holds, so a full queue is offered to
// the socket first; a member whose queue is full then, too, overflows.
func (f *Fanout[S]) Deliver(s S, frame []byte, sent *Count) {
	f.enqueue(s, frame, queued{messages: 1}, sent)
}

// DeliverMissed posts the frames of several messages of a topic for one member, likewise. They belong to the member's
// subscription, which begins after this call: what is still pending when it ends is not sent.
func (f *Fanout[S]) DeliverMissed(s S, t Topic, frames []byte, messages int, sent *Count) {
	f.enqueue(s, frames, queued{messages: uint32(messages), topic: t}, sent)
}

func (f *Fanout[S]) enqueue(s S, frames []byte, e queued, sent *Count) {
	q := f.queueOf(s)
	for range visitsOfAFullQueue {
		if len(q.bytes)+len(frames) <= f.maxQueue {
			break
		}
		f.visit(q, sent)
		q = f.queueOf(s)
	}
	if len(q.bytes)+len(frames) > f.maxQueue {
		s.Overflow()
		return
	}
	f.order++
	f.queued += len(frames)
	q.bytes = append(q.bytes, frames...)
	e.end, e.order = uint32(len(q.bytes)), f.order
	q.frames = append(q.frames, e)
	if e.topic != 0 {
		q.missed = append(q.missed, missed{e.topic, e.order})
	}
}

// Hurry schedules a visit to a member, which sends it the rest of the logs ahead of the passes, a segment a turn.
func (f *Fanout[S]) Hurry(s S) { f.queueOf(s) }

// Queued returns the bytes in a member's own queue. A caller that has much to send to one member delivers the next part
// while they are less than a segment.
func (f *Fanout[S]) Queued(s S) int {
	if q := s.Member().queue; q != 0 {
		return len(f.queues[q-1].bytes)
	}
	return 0
}

// Owed returns the bytes that are pending for a member, uncompressed.
func (f *Fanout[S]) Owed(s S) (bytes int) {
	bytes = f.Queued(s)
	f.sourcesOf(s.Member())
	for i := range f.sources {
		bytes += f.sources[i].bytes()
	}
	return bytes
}

// Rest returns the next segment of a member's pending messages and counts it as delivered: for the last write before a
// close. The bytes are valid until the next call.
func (f *Fanout[S]) Rest(s S, sent *Count) []byte {
	q := &f.none
	if m := s.Member(); m.queue != 0 {
		q = &f.queues[m.queue-1]
	}
	f.gather(s, q, sent)
	return f.scratch
}

// queueOf returns the member's queue. If it has none, it gets a new one, which will be visited.
func (f *Fanout[S]) queueOf(s S) *queue[S] {
	m := s.Member()
	if m.queue == 0 {
		if len(f.free) == 0 {
			f.queues = append(f.queues, queue[S]{})
			f.free = append(f.free, int32(len(f.queues)-1))
		}
		m.queue = pop(&f.free) + 1
		q := &f.queues[m.queue-1]
		q.member, q.used = s, true
		f.visits = append(f.visits, m.queue-1)
	}
	return &f.queues[m.queue-1]
}

// release takes a member's queue from it. The scheduled visit finds it unused.
func (f *Fanout[S]) release(m *Member) {
	q := &f.queues[m.queue-1]
	m.queue = 0
	f.queued -= len(q.bytes)
	for _, t := range q.late {
		f.logOf(t).late--
	}
	*q = queue[S]{bytes: q.bytes[:0], frames: q.frames[:0], missed: q.missed[:0], late: q.late[:0]}
	if cap(q.bytes) > keepQueueBytes {
		q.bytes, q.frames = nil, nil
	}
}

// leaveToVisit leaves a member to its visit. The log's pass waits for that.
func (f *Fanout[S]) leaveToVisit(m *Member, t Topic, l *log) {
	q := &f.queues[m.queue-1]
	q.late = append(q.late, t)
	l.late++
}

// settle finds the passes that need not wait for a member any longer, because it has got all of their segments.
func (f *Fanout[S]) settle(q *queue[S], order uint32) {
	waiting := q.late[:0]
	for _, t := range q.late {
		if l := f.logOf(t); before(order, l.head.last) {
			waiting = append(waiting, t)
		} else {
			l.late--
		}
	}
	q.late = waiting
}

// forgetTopic records that a member has unsubscribed: the topic's pass need not wait for it any longer, and what was missed of
// the topic is not sent.
func (f *Fanout[S]) forgetTopic(q *queue[S], t Topic) {
	if i := slices.Index(q.late, t); i >= 0 {
		q.late = slices.Delete(q.late, i, i+1)
		f.logOf(t).late--
	}
	if i := slices.IndexFunc(q.missed, func(m missed) bool { return m.topic == t }); i >= 0 {
		at, _ := slices.BinarySearchFunc(q.frames, q.missed[i].order, func(e queued, order uint32) int { return int(int32(e.order - order)) })
		q.frames[at].messages = 0
		q.missed = slices.Delete(q.missed, i, i+1)
	}
}

// visitQueues visits members with a queue, first come first served, and reports whether one of them still has messages
// pending.
func (f *Fanout[S]) visitQueues(sent *Count) (more bool) {
	due := len(f.visits)
	done := 0
	for budget := visitBudget; done < due && budget > 0; done++ {
		i := f.visits[done]
		if f.queues[i].used {
			budget -= 1 + f.visit(&f.queues[i], sent)/bytesPerSend
		}
		if f.queues[i].used {
			f.visits = append(f.visits, i)
		} else {
			f.free = append(f.free, i)
		}
	}
	f.visits = f.visits[:copy(f.visits, f.visits[done:])]
	if len(f.visits) == 0 && len(f.queues) > keepQueues {
		f.forgetQueues()
	}
	return len(f.visits) > 0
}

// forgetQueues gives up the queues that a burst has made, when no member has one.
func (f *Fanout[S]) forgetQueues() {
	clear(f.queues[keepQueues:])
	f.queues, f.free = f.queues[:keepQueues:keepQueues], f.free[:0]
	for i := range keepQueues {
		f.free = append(f.free, int32(i))
	}
}

// visit sends a member the next segment of its pending messages, and returns the number of bytes sent.
func (f *Fanout[S]) visit(q *queue[S], sent *Count) (bytes int) {
	s := q.member
	m, had := s.Member(), sent.Messages
	more := f.gather(s, q, sent)
	f.settle(q, m.order)
	if !more {
		f.release(m)
	}
	s.Send(f.scratch, int(sent.Messages-had))
	return len(f.scratch)
}

func (q *queue[S]) frame(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = q.frames[i-1].end
	}
	return q.bytes[start:q.frames[i].end]
}

// gather appends the frames from one index on that were posted before an order to dst, which holds a segment, and returns the
// index of the next.
func (q *queue[S]) gather(dst []byte, next int, until uint32) ([]byte, int) {
	for ; next < len(q.frames) && before(q.frames[next].order, until) && len(dst) < SegmentBytes; next++ {
		if q.frames[next].messages > 0 {
			dst = append(dst, q.frame(next)...)
		}
	}
	return dst, next
}

// drop removes the first n frames, which were sent, and returns their bytes and messages.
func (q *queue[S]) drop(n int) (bytes int, messages uint64) {
	if n == 0 {
		return 0, 0
	}
	sent := 0
	for _, e := range q.frames[:n] {
		messages += uint64(e.messages)
		if e.topic != 0 && e.messages > 0 {
			sent++
		}
	}
	q.missed = slices.Delete(q.missed, 0, sent)
	gone := q.frames[n-1].end
	q.bytes = q.bytes[:copy(q.bytes, q.bytes[gone:])]
	q.frames = q.frames[:copy(q.frames, q.frames[n:])]
	for i := range q.frames {
		q.frames[i].end -= gone
	}
	return int(gone), messages
}
