package fanout

// log is a list of segments, for all members or for those of a topic. The first one passes over the members in turn, the
// others wait, and new messages are added to the last. A member gets all messages of a segment in one write, even from
// different senders, so the busier the reactor is, the fewer writes a message costs.
//
// A log without messages has no segment.
type log struct {
	head, tail *segment
	cursor     int32 // during a pass: the members before it have got the first segment, or are left to their visit
	late       int32 // members that the pass has left to their visit
	passing    bool
	due        bool // the topic, or the one that had its place before, is in Fanout.due
	topic      Topic
}

// holds reports whether the log has a frame after the given position.
func (l *log) holds(order uint32) bool { return l.tail != nil && before(order, l.tail.last) }

// backlog is what the logs of a reactor share.
type backlog struct {
	order   uint32 // of the frame that was posted last, in a log or a queue
	waiting ages
	spare   spares
	over    uint32 // when the oldest frame of the passes that are over was posted; 0: none
}

// ages lists the segments that wait for their pass, of all logs, by age.
type ages struct {
	oldest, newest *segment
	bytes          int
}

func (a *ages) add(g *segment) {
	g.older = a.newest
	if a.newest != nil {
		a.newest.newer = g
	} else {
		a.oldest = g
	}
	a.newest = g
}

func (a *ages) remove(g *segment) {
	a.bytes -= len(g.bytes)
	if g.older != nil {
		g.older.newer = g.newer
	} else {
		a.oldest = g.newer
	}
	if g.newer != nil {
		g.newer.older = g.older
	} else {
		a.newest = g.older
	}
	g.older, g.newer = nil, nil
}

// post adds a frame to the log; small tells whether the log's segments usually are.
func (l *log) post(b *backlog, p *post, small bool) {
	g := l.tail
	if g == nil || l.passing && g == l.head || len(g.bytes)+len(p.frame) > SegmentBytes {
		g = b.spare.take(small && len(p.frame) <= smallSegment/2)
		g.posted = p.at
		l.append(g)
		b.waiting.add(g)
	}
	b.order++
	b.waiting.bytes += len(p.frame)
	g.add(p, b.order)
}

func (l *log) append(g *segment) {
	if l.tail == nil {
		l.head = g
	} else {
		l.tail.next = g
	}
	l.tail = g
}

// begin begins the pass of the first segment.
func (l *log) begin(b *backlog) {
	l.passing, l.cursor = true, 0
	b.waiting.remove(l.head)
}

// endIfOver ends the pass when every member has got the segment.
func (l *log) endIfOver(b *backlog, members int) {
	if int(l.cursor) < members || l.late > 0 {
		return
	}
	if posted := l.head.posted; members > 0 && (b.over == 0 || before(posted, b.over)) {
		b.over = posted
	}
	l.dropFirst(b)
}

func (l *log) dropFirst(b *backlog) {
	g := l.head
	if l.head = g.next; l.head == nil {
		l.tail = nil
	}
	l.passing, l.cursor = false, 0
	b.spare.put(g)
}

// dropAll drops all messages.
func (l *log) dropAll(b *backlog) {
	for l.head != nil {
		if !l.passing {
			b.waiting.remove(l.head)
		}
		l.dropFirst(b)
	}
}
