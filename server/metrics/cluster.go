package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"momentum/server"
	"momentum/server/cluster"
)

// Bus holds the figures of the bus that connects the node with the others, counted since the start unless they say otherwise.
type Bus struct {
	State                   cluster.State // now
	Batches, Retried        uint64        // round trips with messages; those that were sent again
	Published               uint64        // messages that the bus has taken
	Refused, GivenUp        uint64        // messages: too much waited, or the bus was away
	Unknown, Unread         uint64        // messages to nobody, and messages that could not be read
	Joined, JoinTrips       uint64        // channels, and round trips for them
	Connected               uint64        // times
	OutboxBytes, InboxBytes int           // that wait now
	OutboxLimit, InboxLimit int           // bytes
	Canary                  time.Duration // the last one's time to the bus and back
}

var (
	busState       = gauge("cluster_state", "1 for the state of the bus, 0 for the others.", "state")
	busBatches     = counter("cluster_batches", "Round trips to Redis with messages.")
	busRetried     = counter("cluster_batches_retried", "Round trips that were repeated, because the connection was lost before the answer.")
	busPublished   = counter("cluster_messages_published", "Messages that Redis has answered, with those to nobody.")
	busRefused     = counter("cluster_messages_refused", "Messages that were refused because too many waited for Redis.")
	busGivenUp     = counter("cluster_messages_given_up", "Messages that Redis did not take, because it was away or refused them.")
	busUnknown     = counter("cluster_messages_unknown", "Messages to a user or a topic that nobody has had within HISTORY_AGE.")
	busUnread      = counter("cluster_messages_unreadable", "Messages from Redis that could not be read: another version, or another program with the same prefix.")
	busJoined      = counter("cluster_joins", "Channels that the node has joined, or read missing messages of.")
	busJoinTrips   = counter("cluster_join_trips", "Round trips to Redis for joins.")
	busConnected   = counter("cluster_connects", "Times that the node was connected to Redis.")
	busOutbox      = gauge("cluster_outbox_bytes", "Bytes of messages that wait for Redis, or for its answer.")
	busOutboxLimit = gauge("cluster_outbox_bytes_max", "Its limit. Above it, messages are refused.")
	busInbox       = gauge("cluster_inbox_bytes", "Bytes of messages from Redis that wait for the node.")
	busInboxLimit  = gauge("cluster_inbox_bytes_max", "Its limit. Above it, the node reads no more from Redis.")
	busCanary      = gauge("cluster_canary_seconds", "How long the last canary took to Redis and back; the longest of all primaries.")

	relayLocal     = counter("cluster_messages_local", "Messages that only clients of this node got, because Redis was away.")
	relayGaps      = counter("cluster_gaps", "Losses of messages, each told to all clients of a reactor that it concerns, or to one.")
	relayPositions = counter("cluster_positions", "New positions, each told to one client, after the numbering has changed.")
	relayUnheld    = counter("cluster_held_dropped", "Messages that found no room to wait for a join, and were read from Redis again.")
)

// bus collects the figures of the bus.
type bus func() Bus

// Describe sends nothing: the collector is unchecked.
func (b bus) Describe(chan<- *prometheus.Desc) {}

// Collect sends the figures.
func (b bus) Collect(ch chan<- prometheus.Metric) {
	f, s := b(), sink(ch)
	for state := cluster.Starting; state <= cluster.Local; state++ {
		number(s, busState, truth(state == f.State), state.String())
	}
	number(s, busBatches, f.Batches)
	number(s, busRetried, f.Retried)
	number(s, busPublished, f.Published)
	number(s, busRefused, f.Refused)
	number(s, busGivenUp, f.GivenUp)
	number(s, busUnknown, f.Unknown)
	number(s, busUnread, f.Unread)
	number(s, busJoined, f.Joined)
	number(s, busJoinTrips, f.JoinTrips)
	number(s, busConnected, f.Connected)
	number(s, busOutbox, f.OutboxBytes)
	number(s, busOutboxLimit, f.OutboxLimit)
	number(s, busInbox, f.InboxBytes)
	number(s, busInboxLimit, f.InboxLimit)
	number(s, busCanary, seconds(f.Canary))
}

// relayed sends the counters of a node in a cluster.
func relayed(s sink, f *server.ClusterFigures) {
	if f == nil {
		return
	}
	number(s, relayLocal, f.Local)
	number(s, relayGaps, f.Gaps)
	number(s, relayPositions, f.Positions)
	number(s, relayUnheld, f.Unheld)
}
