package fanout

// serve brings a member that lacks some of the log's first segment up to date: it sends the rest of the segment, together with what
// was posted to the log since, or to other logs for the member. after is its position in this log. The result is the cost in units.
func (f *Fanout[S]) serve(l *log, t Topic, s S, m *Member, after uint32, sent *Count) (units int) {
	switch {
	case m.queue != 0: // its visit will send this segment, too
		f.leaveToVisit(m, t, l)
		return 1
	case f.pending > 0 && f.owedElsewhere(m, t):
		return unitsPerSend + f.sendPending(l, t, s, m, sent)/bytesPerUnit
	}
	had := sent.Messages
	out, whole := l.head.all(s.User(), s.Compressed(), after)
	if whole && l.head.next == nil {
		sent.Messages += uint64(len(l.head.marks))
		m.order = l.head.last
	} else {
		out = f.copyFrames(l.head, s, after, sent)
	}
	s.Send(out, int(sent.Messages-had))
	return unitsPerSend + len(out)/bytesPerUnit
}

// copyFrames returns the frames of a segment that are for the member, and counts them as delivered. Those of the log's next segments, which were
// posted during the pass, share the write, as long as it stays below a segment: the members before the cursor get them in the next
// pass, which skips the others.
func (f *Fanout[S]) copyFrames(g *segment, s S, after uint32, sent *Count) []byte {
	f.scratch = trim(f.scratch)
	for {
		var messages int
		f.scratch, messages = g.appendTo(f.scratch, s.User(), s.Compressed(), after)
		sent.Messages += uint64(messages)
		s.Member().order = g.last
		if g = g.next; g == nil || len(f.scratch)+len(g.bytes) > SegmentBytes {
			return f.scratch
		}
	}
}

// sendPending sends a member everything that is pending for it, from all its logs, up to a segment. If there is more, the
// member is visited in the next turn, and until then no pass sends it anything.
func (f *Fanout[S]) sendPending(l *log, t Topic, s S, m *Member, sent *Count) int {
	had := sent.Messages
	if f.gather(s, &f.none, sent) {
		f.queueOf(s)
		if before(m.order, l.head.last) {
			f.leaveToVisit(m, t, l)
		}
	}
	s.Send(f.scratch, int(sent.Messages-had))
	return len(f.scratch)
}

// owedElsewhere reports whether a member has messages pending in another log than the given topic's; 0 stands for the log
// of all members. The caller has checked that some topic has messages.
func (f *Fanout[S]) owedElsewhere(m *Member, t Topic) bool {
	others := f.pending
	if t != 0 {
		if f.everybody.holds(m.order) {
			return true
		}
		others--
	}
	if others == 0 {
		return false
	}
	for i := f.subscriptions.first(m.subscriptions); i != 0; {
		at := f.subscriptions.at(i)
		if at.topic != t && f.owed(m, at) {
			return true
		}
		i = f.subscriptions.after(m.subscriptions, at)
	}
	return false
}

// owed reports whether messages of a subscription are still to be sent to the member.
func (f *Fanout[S]) owed(m *Member, at *subscription) bool {
	p := f.topics.at(at.topic.index())
	return p.holds(m.order) && p.holds(p.members[at.index].since)
}

func (f *Fanout[S]) logOf(t Topic) *log {
	if t == 0 {
		return &f.everybody
	}
	return &f.topics.at(t.index()).log
}
