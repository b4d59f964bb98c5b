package fanout

// A queue holds the messages for one member alone until the member is visited, usually in the turn in which they were
// posted. The visit also sends the member the part of the log that was posted before them, so that a message for one
// member never overtakes, and is never overtaken by, an earlier message of its sender for all. If that is more than a
// segment, the member is visited again in the next turn, until it has got everything.
//
// A pass that comes to a member with a queue leaves it to its visit, and is not over before that: a visit sends older
// messages first, so each brings the member nearer to the end of the active segment, whatever is posted for it
// meanwhile.

// visitBudget is how many members with a queue a turn visits, where each bytesPerSend counts as one more: half as many
// again as a turn applies posts.
const visitBudget = 768

// queue holds the messages for one member that are not in the log.
type queue[S Sink] struct {
	member S
	bytes  []byte
	frames []queued
	used   bool
	late   bool // the pass has left the member to its visit
}

// queued is the end of one frame in its queue, and its place in the order of all posts to the reactor.
type queued struct {
	end   uint32
	order uint32
}

// Deliver posts a frame for one member. One turn may bring more of them than a queue holds, so a full queue is offered to
// the socket first; a member whose queue is full then, too, overflows.
func (f *Fanout[S]) Deliver(s S, frame []byte, sent *Count) {
	q := f.queueOf(s)
	for range visitsOfAFullQueue {
		if len(q.bytes)+len(frame) <= f.most {
			break
		}
		f.visit(q, sent)
		q = f.queueOf(s)
	}
	if len(q.bytes)+len(frame) > f.most {
		s.Overflow()
		return
	}
	f.order++
	f.queued += len(frame)
	q.bytes = append(q.bytes, frame...)
	q.frames = append(q.frames, queued{uint32(len(q.bytes)), f.order})
}

// Hurry schedules a visit to a member, which sends it the rest of the log ahead of the passes, a segment a turn.
func (f *Fanout[S]) Hurry(s S) { f.queueOf(s) }

// Behind reports whether a member has more than a segment pending.
func (f *Fanout[S]) Behind(s S) bool {
	m, owed := s.Member(), 0
	for g := range f.segments {
		if from, any := g.missing(m); any {
			owed += len(g.bytes) - int(from)
		}
	}
	if m.queue != 0 {
		owed += len(f.queues[m.queue-1].bytes)
	}
	return owed > SegmentBytes
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

// segments iterates over the log: the active segment, then the waiting ones.
func (f *Fanout[S]) segments(yield func(*segment) bool) {
	if !yield(f.active) {
		return
	}
	for _, g := range f.waiting {
		if !yield(g) {
			return
		}
	}
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
	f.settle(q)
	*q = queue[S]{bytes: q.bytes[:0], frames: q.frames[:0]}
	if cap(q.bytes) > keepQueueBytes {
		q.bytes, q.frames = nil, nil
	}
}

// settle records that the pass need not wait for a member any longer.
func (f *Fanout[S]) settle(q *queue[S]) {
	if q.late {
		q.late = false
		f.late--
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
	m := s.Member()
	more := f.gather(s, q, sent)
	if _, any := f.active.missing(m); !any {
		f.settle(q)
	}
	if !more {
		f.release(m)
	}
	s.Send(f.scratch)
	return len(f.scratch)
}

// gather puts a member's pending messages into the scratch buffer, in the order in which they were posted, up to a
// segment and one message more, and counts them as delivered. It reports whether there is more.
func (f *Fanout[S]) gather(s S, q *queue[S], sent *Count) (more bool) {
	f.scratch = trim(f.scratch)
	m, compressed, own := s.Member(), s.Compressed(), 0
	for g := range f.segments {
		from, any := g.missing(m)
		if !any {
			continue
		}
		for i := g.after(from); i < len(g.marks); i++ {
			own = f.gatherOwn(q, own, g.marks[i].order)
			if len(f.scratch) >= SegmentBytes {
				f.drop(q, own, sent)
				return true
			}
			if g.marks[i].from != s.User() {
				f.scratch = append(f.scratch, g.frame(i, compressed)...)
				sent.Messages++
			}
			m.segment, m.offset = g.number, g.marks[i].end
		}
	}
	own = f.gatherOwn(q, own, f.order+1)
	f.drop(q, own, sent)
	return len(q.frames) > 0
}

// gatherOwn appends the queue's frames from the given one on that were posted before an order, up to a segment, and
// returns the index of the next.
func (f *Fanout[S]) gatherOwn(q *queue[S], next int, before uint32) int {
	for ; next < len(q.frames) && int32(q.frames[next].order-before) < 0 && len(f.scratch) < SegmentBytes; next++ {
		f.scratch = append(f.scratch, q.frame(next)...)
	}
	return next
}

func (q *queue[S]) frame(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = q.frames[i-1].end
	}
	return q.bytes[start:q.frames[i].end]
}

// drop removes the first n frames, which were sent.
func (f *Fanout[S]) drop(q *queue[S], n int, sent *Count) {
	if n == 0 {
		return
	}
	sent.Messages += uint64(n)
	gone := q.frames[n-1].end
	f.queued -= int(gone)
	q.bytes = q.bytes[:copy(q.bytes, q.bytes[gone:])]
	q.frames = q.frames[:copy(q.frames, q.frames[n:])]
	for i := range q.frames {
		q.frames[i].end -= gone
	}
}
