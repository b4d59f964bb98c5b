package server

import (
	"context"
	"hash/maphash"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/auth"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/stats"
	"momentum/server/topics"
)

// node is the state that all reactors of a server share. Any goroutine may use each part of it.
type node struct {
	options   Options
	rules     atomic.Pointer[Rules] // in force now; each shard has its own
	started   time.Time
	group     *netpoll.Group
	hub       *presence.Hub
	addresses *admit.Addresses
	announcer *presence.Announcer
	checks    *tokenChecks
	closeLog  closeLog
	slots     admit.Slots
	recent    atomic.Pointer[admit.Recent]       // tokens admitted lately; nil until a rate is set
	reserved  atomic.Pointer[admit.Reservations] // of refused clients; likewise

	revocations   auth.Revocations
	deactivations deactivations
	tokenSeed     maphash.Seed // of the hashes that stand for tokens

	counters    stats.Node // one for each reactor
	live        atomic.Int64
	leaving     atomic.Int64 // ended sessions with a socket that is still open
	broadcast   broadcast
	topics      *topics.Registry
	receipts    *history.Receipts
	relay       *relay // nil: the node is alone
	peers       *peers
	gossip      *gossip       // nil: the node is alone
	epoch       string        // of the numbers of all channels: a random one for each start
	overloaded  atomic.Uint64 // messages refused because too much waits already
	compressing atomic.Int64  // live sessions that take compressed frames
	draining    atomic.Bool
	listed      atomic.Int64 // places on pages of topics' subscribers that are collected now

	survey func(ctx context.Context, after uuid.UUID, limit int) surveyed
}

// surveyed is a page of the users online on all nodes.
type surveyed struct {
	users   []presence.OnlineUser
	count   int
	more    bool
	partial bool // a node has not answered
}

// elapsed returns a reading of the node's clock as the time since the start, which no change of the host's date
// affects.
func (n *node) elapsed(now time.Time) time.Duration { return now.Sub(n.started) }

// sessionsNow is the number of live sessions.
func (n *node) sessionsNow() int { return int(n.live.Load()) }

// trusts reports whether an address is in TRUSTED_PROXIES.
func (n *node) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(n.rules.Load().TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// capacity returns the parts of the node that say whether reactors take more messages.
func (n *node) capacity() capacity { return capacity{n.group, n.counters} }

// postOn posts to each reactor that is concerned.
func (n *node) postOn(concerned func(reactor int) bool, post netpoll.Post, body []byte) {
	for reactor := range n.group.Reactors() {
		if concerned(reactor) {
			n.group.PostTo(reactor, post, body)
		}
	}
}

// tokenHash represents a jti in sessions, which have no room for it. Without the seed, nobody can make two jtis with
// the same hash.
func (n *node) tokenHash(id string) uint64 {
	if id == "" {
		return noToken
	}
	return max(noToken+1, maphash.String(n.tokenSeed, id))
}

// connectionsPerUser returns the limit for a setting, in which 0 means the highest one.
func connectionsPerUser(setting int) int {
	if setting == 0 {
		return maxPerUser
	}
	return min(setting, maxPerUser)
}

// enforce applies rules to the parts of the node that no reactor owns.
func (n *node) enforce(r *Rules) {
	n.rules.Store(r)
	n.slots.SetLimit(r.MaxConnections)
	n.hub.SetLimit(connectionsPerUser(r.MaxPerUser))
	n.addresses.SetLimit(r.MaxPerAddress)
	if r.HandshakeRate > 0 && n.recent.Load() == nil {
		n.reserved.Store(admit.NewReservations(2 * r.MaxConnections))
		n.recent.Store(admit.NewRecent(2 * r.MaxConnections))
	}
}
