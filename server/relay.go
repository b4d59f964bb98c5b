package server

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"momentum/netpoll"
	"momentum/server/cluster"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// ErrDegraded means that the node gets no messages of the other nodes of its cluster.
var ErrDegraded = errors.New("the node cannot reach the other nodes of its cluster")

// relay connects the channels of this node with those of the cluster. Messages go to the bus; the relay keeps those that come back
// from it, with their numbers, and posts them to the members here. The history here is a copy of the newest part of the cluster's
// history. It implements cluster.Node.
//
//	arrive    a reactor: a user connects; the handshake waits until the node is in the user's channel
//	Joined    the bus: the channel's number, and the messages that the node lacks (relay_join.go)
//	Deliver   the bus: new messages, which wait while the channel is being joined (relay_deliver.go)
//	Changed   the bus: it was connected again, and all channels are joined again
//
// A message is delivered if its number is the next one. A higher number means that messages are missing: the node asks for them, and
// holds new ones until the answer. So each message is delivered once and in order, from Deliver or from the answer to a join.
type relay struct {
	bus       cluster.Bus
	now       func() time.Time
	elapsed   func() time.Duration // since the start of the node
	group     *netpoll.Group
	capacity  capacity
	hub       *presence.Hub
	topics    *topics.Registry
	broadcast *broadcast
	peers     *peers
	gossip    *gossip
	enroll    func()
	describe  func() cluster.Info
	log       *slog.Logger
	patience  time.Duration // of an administrator's call
	state     atomic.Uint32 // cluster.State
	answers   atomic.Bool   // the bus works, or was just connected
	figures   relayFigures
	notices   *notices

	mu        sync.Mutex
	pending   map[cluster.Channel]*pending
	toJoin    channelQueue // channels that the node has to join because the bus was connected anew
	failed    channelQueue // channels with members that the bus could not join; tick asks for them again
	heldBytes int          // of messages that wait for an answer
	maxHeld   int          // limit of heldBytes
	reads     missedReads
	epochs    epochTable

	// Of the bus's goroutine.
	renumbered uint32 // the lowest number of the round (see epochTable) in which the broadcast got its present epoch
	framer
}

// channelPlace is a channel on this node, under its lock.
type channelPlace struct {
	*history.Channel
	store *history.Store
	in    *history.Membership
	user  *presence.User // of a user's channel
	topic *topics.Topic  // of a topic's
}

// epochOf returns the present epoch of a channel; 0 before the bus was reached.
func (r *relay) epochOf(c cluster.Channel) cluster.Epoch { return r.epochs.at(r.bus.Partition(c)) }

// with calls do under the lock of a channel, and reports whether this node knows the channel.
func (r *relay) with(c cluster.Channel, do func(p channelPlace)) bool {
	switch c.Kind {
	case cluster.Direct:
		return r.hub.With(c.User, func(u *presence.User, s *history.Store) { do(channelPlace{&u.Directs, s, &u.In, u, nil}) })
	case cluster.Topic:
		return r.topics.With([]byte(c.Name), func(t *topics.Topic, s *history.Store) { do(channelPlace{&t.Channel, s, &t.In, nil, t}) })
	default:
		b := r.broadcast
		b.mu.Lock()
		defer b.mu.Unlock()
		do(channelPlace{&b.channel, &b.store, &b.in, nil, nil})
		return true
	}
}

// members reports whether a channel has members on this node.
func (p channelPlace) members() bool {
	switch {
	case p.user != nil:
		return p.user.Online()
	case p.topic != nil:
		return p.topic.Subscribers() > 0
	}
	return true
}

// fault returns ErrDegraded unless the bus works.
func (r *relay) fault() error {
	if s := cluster.State(r.state.Load()); s != cluster.Healthy && s != cluster.Slow {
		return ErrDegraded
	}
	return nil
}
