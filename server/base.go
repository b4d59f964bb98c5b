package server

import (
	"math/rand/v2"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/ends"
	"momentum/server/fanout"
	"momentum/server/heavy"
	"momentum/server/stats"
)

// base is the state of one reactor that all parts of its shard use. It belongs to the reactor's goroutine, except for
// the node.
type base struct {
	node     *node
	reactor  *netpoll.Reactor
	sessions sessions
	alive    int    // live sessions
	applied  uint64 // number of the last broadcast that the fan-out has
	epoch    uint32 // of applied, by its number, if the node is in a cluster
	fanout   fanout.Fanout[*session]
	rules    *Rules
	limits   protocol.Limits
	// compressedLimits are the same for sessions that agreed to compression.
	compressedLimits protocol.Limits
	random           *rand.Rand
	count            *stats.Counters
	ends             ends.Book // what has ended on this reactor
	heavy            *heavyBook
}

func newBase(n *node, r *netpoll.Reactor) base {
	seed := n.options.Seed + uint64(r.Index())
	book := heavy.NewBook[*session, ends.End]()
	r.SetLocal(&book)
	return base{
		node:             n,
		reactor:          r,
		fanout:           fanout.New[*session](n.options.Outbound.Hard),
		limits:           protocol.Limits{Fragments: maxFragments},
		compressedLimits: protocol.Limits{Fragments: maxFragments, Deflate: true},
		random:           rand.New(rand.NewPCG(seed, seed)),
		count:            &n.counters[r.Index()],
		ends:             ends.NewBook(n.options.Reactors),
		heavy:            &book,
	}
}

// now is the time of the current turn or read.
func (b *base) now() time.Time { return b.reactor.Now() }

// live returns the session that a handle identifies, if it is live.
func (b *base) live(h netpoll.Handle) *session {
	c := b.reactor.Find(h)
	if c == nil {
		return nil
	}
	if s := b.sessions.at(c); s.state == stateLive {
		return s
	}
	return nil
}

// limitsOf returns the protocol limits on the session's client.
func (b *base) limitsOf(s *session) *protocol.Limits {
	if s.deflate.Agreed() {
		return &b.compressedLimits
	}
	return &b.limits
}

// follow applies rules.
func (b *base) follow(r *Rules) {
	b.rules = r
	b.limits.Frame, b.limits.Message = r.MaxMessageBytes, r.MaxMessageBytes
	b.compressedLimits.Frame, b.compressedLimits.Message = r.MaxMessageBytes, r.MaxMessageBytes
}
