package server

import (
	"momentum/server/ends"
	"momentum/server/heavy"
)

// The methods of a session that the book of the heaviest connections needs (see heavy.Session).

// heavyBook has the heaviest connections of a reactor.
type heavyBook = heavy.Book[*session, ends.End]

// Meter returns the part of the session that belongs to the book.
func (s *session) Meter() *heavy.Meter { return &s.meter }

// Counters returns the bytes and messages of the session so far.
func (s *session) Counters() heavy.Counters {
	return heavy.Counters{In: s.traffic.received, Out: s.traffic.sent, Queued: s.conn.LastQueued()}
}

// weigh enters the session in the book after bytes were sent to it. It skips sessions that have got few bytes: nearly all receivers of
// a broadcast.
func (s *session) weigh(bytes int) {
	b := s.conn.Local().(*heavyBook)
	if (!b.QuietOut(&s.meter, s.traffic.sent) || s.conn.LastQueued() > 0) && s.state == stateLive {
		b.Sent(s, bytes)
	}
}

// weighRead does the same after bytes have come from the session's client. Reads may come before the first turn of a slot, so it begins
// the slot.
func (b *base) weighRead(s *session, bytes int) {
	b.heavy.Begin(slotAt(b.reactor.Tick()))
	if !b.heavy.QuietIn(&s.meter, s.traffic.received) && s.state == stateLive {
		b.heavy.Received(s, bytes)
	}
}

// countRefused counts messages of a live session that were refused.
func (b *base) countRefused(s *session, messages int) {
	if messages > 0 && s.state == stateLive {
		b.heavy.Refuse(s, messages)
	}
}

// slotAt returns the slot of time to which a tick belongs.
func slotAt(tick uint32) uint32 { return tick / slotTicks }
