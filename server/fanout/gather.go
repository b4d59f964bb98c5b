package fanout

// source is the next frame of one log that a member has not had.
type source struct {
	segment *segment
	frame   int
	order   uint32 // of the frame
}

// sources is a heap of the logs that have messages pending for one member; the oldest frame is first.
type sources []source

// sourcesOf collects the logs that have messages pending for a member.
func (f *Fanout[S]) sourcesOf(m *Member) {
	f.sources = f.sources[:0]
	f.sources.add(f.everybody.head, m.order)
	if f.pending == 0 {
		return
	}
	for i := f.subscriptions.first(m.subscriptions); i != 0; {
		at := f.subscriptions.at(i)
		if p := f.topics.at(at.topic.index()); p.holds(m.order) {
			f.sources.add(p.head, later(m.order, p.members[at.index].since))
		}
		i = f.subscriptions.after(m.subscriptions, at)
	}
}

// add adds a log, from the first frame after a position on.
func (h *sources) add(g *segment, after uint32) {
	for g != nil && !before(after, g.last) {
		g = g.next
	}
	if g == nil {
		return
	}
	frame := g.after(after)
	*h = append(*h, source{g, frame, g.marks[frame].order})
	for i := len(*h) - 1; i > 0 && before((*h)[i].order, (*h)[(i-1)/2].order); i = (i - 1) / 2 {
		(*h)[i], (*h)[(i-1)/2] = (*h)[(i-1)/2], (*h)[i]
	}
}

// next moves the first log to its next frame, or removes it after its last one.
func (h *sources) next() {
	if !(*h)[0].next() {
		last := pop((*[]source)(h))
		if len(*h) == 0 {
			return
		}
		(*h)[0] = last
	}
	h.sink()
}

// sink moves the first log down to its place.
func (h *sources) sink() {
	for list, i := *h, 0; ; {
		child := 2*i + 1
		if child+1 < len(list) && before(list[child+1].order, list[child].order) {
			child++
		}
		if child >= len(list) || !before(list[child].order, list[i].order) {
			return
		}
		list[i], list[child] = list[child], list[i]
		i = child
	}
}

// next moves to the next frame of the log, and reports whether there is one.
func (c *source) next() bool {
	if c.frame++; c.frame == len(c.segment.marks) {
		if c.segment, c.frame = c.segment.next, 0; c.segment == nil {
			return false
		}
	}
	c.order = c.segment.marks[c.frame].order
	return true
}

// bytes returns how many bytes the log has pending.
func (c *source) bytes() int {
	n := c.segment.bytesFrom(c.frame)
	for g := c.segment.next; g != nil; g = g.next {
		n += len(g.bytes)
	}
	return n
}

// gather puts a member's pending messages into the scratch buffer, in the order in which they were posted, up to a
// segment and one message more, and counts them as delivered. It reports whether there is more.
func (f *Fanout[S]) gather(s S, q *queue[S], sent *Count) (more bool) {
	f.scratch = trim(f.scratch)
	m, user, compressed, own := s.Member(), s.User(), s.Compressed(), 0
	for f.sourcesOf(m); len(f.sources) > 0; f.sources.next() {
		next := f.sources[0]
		f.scratch, own = q.gather(f.scratch, own, next.order)
		if len(f.scratch) >= SegmentBytes {
			break
		}
		if next.segment.marks[next.frame].from != user {
			f.scratch = append(f.scratch, next.segment.frame(next.frame, compressed)...)
			sent.Messages++
		}
		m.order = next.order
	}
	if len(f.sources) == 0 {
		f.scratch, own = q.gather(f.scratch, own, f.order+1)
		m.order = f.order
	}
	bytes, messages := q.drop(own)
	f.queued -= bytes
	sent.Messages += messages
	return len(f.sources) > 0 || len(q.frames) > 0
}
