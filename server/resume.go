package server

import (
	"bytes"
	"strconv"

	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/stats"
)

// resumes makes the welcome of a client that resumes, with the messages that it has missed. It handles one handshake at a
// time, in three steps:
//
//	early    if the client has had a broadcast that this reactor has not applied yet, the handshake waits until it is applied
//	directs  collects direct messages, under the same lock of the user's entry under which the connection is added to it
//	finish   collects the broadcasts up to the last one that the fan-out has; the fan-out will deliver those after it
//
// So each message reaches the client once: among the missed messages, or through the fan-out. A client that has missed more
// than fits in one write gets the rest of the broadcasts from replays.
type resumes struct {
	*base
	encoder
	replays *replays
	look    presence.Look // directs, made once

	// Of the handshake that is being decided.
	position position
	epoch    []byte // of the broadcast and the user's direct messages
	from     uint64 // number of the user's last direct message before the connection was added
	missed   int    // all missed messages
	frames   []byte // the missed messages that fit in one write
	framed   int    // how many these are
	more     bool   // there are more broadcasts
	last     uint64 // number of the last broadcast in frames
	data     []byte // of the welcome
}

func newResumes(b *base, r *replays) resumes {
	return resumes{base: b, encoder: encoder{base: b}, replays: r}
}

// early reports whether the reactor's mailbox still has a broadcast that the client has had already, or another epoch. The
// handshake is decided after the posts that are waiting now.
func (r *resumes) early(h *handshake) bool {
	p := &h.position
	if r.renumbered() {
		return true
	}
	if !p.asked || p.waited || !p.resumed() || p.broadcast <= r.applied || !bytes.HasPrefix(p.epoch.text(), r.broadcastEpoch()) {
		return false
	}
	b := &r.node.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	return r.sameEpoch() && p.broadcast <= b.channel.Seq()
}

// renumbered reports whether a new epoch of the broadcast is still in the reactor's mailbox.
func (r *resumes) renumbered() bool {
	if r.node.relay == nil {
		return false
	}
	b := &r.node.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.in.Joined() && !r.sameEpoch()
}

// begin prepares for a handshake.
func (r *resumes) begin(p position) {
	r.position, r.from, r.last, r.more = p, 0, p.broadcast, false
	r.missed, r.framed, r.frames = 0, 0, r.frames[:0]
}

// directs collects the direct messages that the client has missed.
func (r *resumes) directs(u *presence.User, directs *history.Store) {
	if !r.position.asked {
		return
	}
	r.from = u.Directs.Seq()
	r.epoch = r.appendEpoch(r.epoch[:0], u.In)
	r.position.compare(r.epoch)
	if !r.position.resumed() {
		return
	}
	r.position.lose(directs.Since(&u.Directs, r.position.direct, r.node.elapsed(r.now())))
	if r.position.resumed() {
		for m := range u.Directs.After(r.position.direct) {
			r.frames = append(r.frames, m.Frame...)
			r.missed++
			r.framed++
		}
	}
}

// finish collects the broadcasts that the client has missed, and returns what follows the 101: the welcome and the missed
// messages; nothing if the client has not asked to resume. If there are more, the session gets them in replays.
func (r *resumes) finish(s *session) []byte {
	if !r.position.asked {
		return nil
	}
	if r.position.resumed() {
		r.broadcasts(s)
	}
	if !r.position.resumed() {
		r.missed, r.framed, r.frames = 0, 0, r.frames[:0]
	}
	r.count.Resumes[r.position.outcome].Add(1)
	r.count.Replayed.Add(uint64(r.missed))
	r.count.Deliveries.Add(uint64(r.framed))
	if r.more {
		r.replays.add(s, r.last)
	}
	welcome := r.welcome()
	if cap(r.frames) > keepReplayBytes {
		defer func() { r.frames = nil }()
	}
	return append(welcome, r.frames...)
}

func (r *resumes) broadcasts(s *session) {
	b := &r.node.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	if !r.sameEpoch() {
		r.position.outcome = stats.EpochChanged
		return
	}
	r.position.lose(b.store.Since(&b.channel, r.position.broadcast, r.node.elapsed(r.now())))
	if !r.position.resumed() {
		return
	}
	for m := range b.channel.After(r.position.broadcast) {
		if m.Seq > r.applied {
			break
		}
		if m.From == s.user.ID {
			continue
		}
		r.missed++
		if r.more = r.more || len(r.frames) >= fanout.SegmentBytes; !r.more {
			r.frames = append(r.frames, m.Frame...)
			r.framed++
			r.last = m.Seq
		}
	}
}

// welcome makes the frame of the welcome message.
func (r *resumes) welcome() []byte {
	d := append(r.data[:0], `{"epoch":"`...)
	d = append(d, r.epoch...)
	d = strconv.AppendUint(append(d, `","broadcast":`...), r.applied, 10)
	d = strconv.AppendUint(append(d, `,"direct":`...), r.from, 10)
	d = append(r.position.appendTo(d, r.missed), '}')
	r.data = d
	return r.encode(protocol.Outgoing{Type: protocol.Welcome, Data: d})
}
