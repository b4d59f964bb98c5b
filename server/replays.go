package server

import (
	"strconv"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/history"
)

// replays sends returning clients the missed broadcasts that did not fit in one write, a segment in each turn, and only after the
// socket has taken the last segment. A slow client takes longer, and is not closed for that; but a session whose socket takes
// nothing at all overflows after the grace time, as any other does. Until its replay is over, a session is not a member of the
// fan-out; the direct messages that come meanwhile are held and sent after it.
type replays struct {
	*base
	encoder
	memory        *memory
	subscriptions *subscriptions
	catchups      *catchups
	list          []*replay // in no order
	at            map[netpoll.Handle]*replay
	next          int    // index of the replay to look at next
	frames        []byte // scratch
	data          []byte // of a gap message
}

// replay has the messages that one client has missed and not got yet.
type replay struct {
	to    netpoll.Handle
	last  uint64   // number of the last broadcast that was sent
	held  [][]byte // direct messages for after the replay
	asks  []ask    // messages about topics, likewise
	bytes int      // of held and asks, as the memory has counted them

	queued int    // bytes that the socket had not taken at the last look
	since  uint32 // tick since which it has taken nothing
}

func (r *replays) add(s *session, last uint64) {
	p := &replay{to: s.handle(), last: last, since: r.reactor.Tick()}
	if r.at == nil {
		r.at = make(map[netpoll.Handle]*replay)
	}
	r.list, r.at[p.to] = append(r.list, p), p
}

// of returns the replay of a session, or nil.
func (r *replays) of(s *session) *replay {
	if s.member.Joined() {
		return nil
	}
	return r.at[s.handle()]
}

// hold keeps a direct message for after the replay, if the session has one. A session for which too much is held overflows.
func (r *replays) hold(s *session, frame []byte) (held bool) {
	p := r.of(s)
	if p == nil {
		return false
	}
	if p.bytes+len(frame) > r.node.options.Outbound.Hard/2 {
		s.Overflow()
		return true
	}
	p.held = append(p.held, append([]byte(nil), frame...))
	r.account(p, len(frame))
	return true
}

// postpone keeps a message about topics for after the session's replay, if it has one.
func (r *replays) postpone(s *session, a ask) bool {
	p := r.of(s)
	if p == nil {
		return false
	}
	if len(p.asks) == asksKept || p.bytes+len(a.data) > r.node.options.Outbound.Hard/2 {
		r.subscriptions.replies.complain("too_many", "wait for the missed messages before you subscribe to more topics", a.id)
		return true
	}
	p.asks = append(p.asks, a.clone())
	r.account(p, len(a.data))
	return true
}

// account adds to the bytes that a replay holds.
func (r *replays) account(p *replay, bytes int) {
	p.bytes += bytes
	r.memory.held += bytes
}

// holds returns the bytes that the node holds for a session, with those of its replay.
func (r *replays) holds(s *session) int {
	n := s.holds()
	if p := r.of(s); p != nil {
		n += p.bytes
	}
	return n
}

// forget frees what is held for a session that ends, if it has a replay.
func (r *replays) forget(s *session) {
	if p := r.of(s); p != nil {
		r.account(p, -p.bytes)
		p.held, p.asks = nil, nil
	}
}

// stuck reports whether a session's socket has taken nothing for as long as makes a connection slow.
func (r *replays) stuck(s *session, p *replay) bool {
	queued := s.conn.Queued()
	if queued < p.queued {
		p.since = r.reactor.Tick()
	}
	p.queued = queued
	return r.reactor.TicksSince(p.since) > r.node.options.Outbound.GraceTick
}

// advance looks at up to looksATurn replays, and sends up to replaysATurn sessions whose socket is free the next segment. It
// reports whether more can be sent at once.
func (r *replays) advance() (more bool) {
	budget := replaysATurn
	for looks := min(looksATurn, len(r.list)); looks > 0; looks-- {
		if r.next >= len(r.list) {
			r.next = 0
		}
		p := r.list[r.next]
		s := r.live(p.to)
		switch {
		case s == nil:
			r.remove(r.next)
		case s.conn.Queued() > 0:
			if r.stuck(s, p) {
				s.Overflow()
			}
			r.reactor.WantTick()
			r.next++
		case budget == 0:
			return true
		default:
			budget--
			if r.step(s, p) {
				more = true
				r.next++
			} else {
				r.remove(r.next)
			}
		}
	}
	if len(r.list) > 0 {
		r.reactor.WantTick()
	}
	return more
}

// renumber ends all replays of broadcasts, because the broadcast has got another epoch, and sends their clients their
// new position.
func (r *replays) renumber() {
	for _, p := range r.list {
		p.last = r.applied
	}
}

// remove removes a replay from the list; the last one takes its place.
func (r *replays) remove(i int) {
	last := len(r.list) - 1
	delete(r.at, r.list[i].to)
	r.list[i], r.list[last] = r.list[last], nil
	r.list = r.list[:last]
}

// step sends a session the next segment of its replay, and reports whether there is more. After the last one the session
// becomes a member of the fan-out.
func (r *replays) step(s *session, p *replay) (more bool) {
	r.frames = r.frames[:0]
	had := r.count.Deliveries.Load()
	more = r.collect(s, p) || r.collectHeld(p)
	s.Send(r.frames, int(r.count.Deliveries.Load()-had))
	r.catchups.add(s)
	p.queued, p.since = s.conn.Queued(), r.reactor.Tick()
	if !more {
		r.fanout.Join(s)
		r.resolve(s, p)
	}
	return more
}

// collectHeld appends direct messages that were held, up to a segment.
func (r *replays) collectHeld(p *replay) (more bool) {
	n := 0
	for ; n < len(p.held) && len(r.frames) < fanout.SegmentBytes; n++ {
		r.frames = append(r.frames, p.held[n]...)
		r.account(p, -len(p.held[n]))
		p.held[n] = nil
	}
	r.count.Deliveries.Add(uint64(n))
	p.held = p.held[n:]
	return len(p.held) > 0
}

// resolve joins the topics of the session's token, and runs the messages about topics that the client has sent during the replay.
func (r *replays) resolve(s *session, p *replay) {
	u := r.subscriptions
	u.run(s, ask{})
	for _, a := range p.asks {
		u.run(s, a)
	}
	r.account(p, -p.bytes)
	u.replies.flush(s)
}

// collect appends the next broadcasts of a replay, up to a segment, and at most up to applied, the last broadcast that this
// reactor's fan-out has.
func (r *replays) collect(s *session, p *replay) (more bool) {
	b := &r.node.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	if !r.sameEpoch() {
		return false // renumber sends the client its new position
	}
	lost := b.store.Since(&b.channel, p.last, r.node.elapsed(r.now())) != history.LostNothing
	if to := min(b.channel.Oldest()-1, r.applied); lost && to > p.last { // those after applied come from the fan-out
		r.frames = append(r.frames, r.gap(p.last+1, to)...)
		r.count.Gaps.Add(1)
		p.last = to
	}
	for m := range b.channel.After(p.last) {
		switch {
		case m.Seq > r.applied:
			return false
		case len(r.frames) >= fanout.SegmentBytes:
			return true
		case m.From != s.user.ID:
			r.frames = append(r.frames, m.Frame...)
			r.count.Deliveries.Add(1)
		}
		p.last = m.Seq
	}
	return false
}

// gap makes the gap message for broadcasts that the history dropped during the replay.
func (r *replays) gap(from, to uint64) []byte {
	d := strconv.AppendUint(append(r.data[:0], `{"channel":"broadcast","from":`...), from, 10)
	d = strconv.AppendUint(append(d, `,"to":`...), to, 10)
	r.data = append(d, '}')
	return r.encode(protocol.Outgoing{Type: protocol.Gap, Data: r.data})
}
