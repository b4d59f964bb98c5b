package server

import (
	"sync/atomic"

	"momentum/server/cluster"
	"momentum/server/host"
	"momentum/server/presence"
	"momentum/server/reason"
	"momentum/server/stats"
	"momentum/server/storm"
	"momentum/server/view"
)

// Stats is the body of GET /ws/stats: gauges of the present, and counts since the start.
type Stats struct {
	TotalConnections int               `json:"total_connections"` // live sessions
	UniqueUsers      int               `json:"unique_users"`      // users online
	ServerUptime     float64           `json:"server_uptime"`     // seconds
	Sockets          int               `json:"sockets"`           // open, including those in a handshake or a close
	MaxConnections   int               `json:"max_connections"`
	Draining         bool              `json:"draining"`
	Drain            *DrainProgress    `json:"drain,omitempty"`
	Accepted         uint64            `json:"accepted"`            // connections
	Admitted         uint64            `json:"handshakes_admitted"` // answered with 101
	Refused          map[string]uint64 `json:"handshakes_refused"`  // by reason
	Closed           map[string]uint64 `json:"closed"`              // sessions and abandoned handshakes, by reason
	TurnedAway       uint64            `json:"turned_away"`         // connections beyond the descriptor limit
	HandedOff        uint64            `json:"http_handed_over"`    // plain HTTP connections on the WebSocket port
	Probes           uint64            `json:"http_probes"`         // health probes on the WebSocket port
	Inquiries        map[string]uint64 `json:"http_inquiries"`      // how a handshake would be answered: by refusal; "none": 101
	Preflights       uint64            `json:"http_preflights"`     // of browsers, before an inquiry
	MessagesIn       uint64            `json:"messages_received"`
	BytesIn          uint64            `json:"bytes_received"`
	Deliveries       uint64            `json:"messages_delivered"` // one for each session to which a message was sent
	Errors           uint64            `json:"error_messages"`     // answers of type error
	Remembered
	RateLimited     uint64 `json:"rate_limited"`
	Overloaded      uint64 `json:"overloaded"`
	Refreshed       uint64 `json:"token_refreshes"`
	Revocations     int    `json:"revocations"`      // in force here
	BytesQueued     int64  `json:"bytes_queued"`     // in user space, for clients that read too slowly
	BytesUnfinished int64  `json:"bytes_unfinished"` // of requests and messages that have not arrived completely, or wait for the end of a replay
	LogLinesDropped uint64 `json:"log_lines_dropped"`
	Presence        string `json:"presence"` // "each" or "summary": how arrivals are announced now

	Conditions

	Cluster *ClusterFigures `json:"cluster,omitempty"` // nil: the node is alone
}

// Conditions is the part of Stats about what the node is in: a storm, a host with limits, and under which eyes.
type Conditions struct {
	Viewers view.Viewers  `json:"viewers"`        // of GET /ws/stream
	Rate    int           `json:"handshake_rate"` // the limit, WS_HANDSHAKE_RATE; 0: there is none
	Storm   storm.Report  `json:"storm"`
	Host    *host.Figures `json:"host,omitempty"` // nil: the host is not watched
}

// Remembered is the part of Stats about history, acknowledgements and clients that come back.
type Remembered struct {
	Acks     uint64            `json:"acks"`              // messages that were acknowledged
	Resumes  map[string]uint64 `json:"resumes"`           // handshakes that asked to resume, by outcome
	Replayed uint64            `json:"messages_replayed"` // missed messages of clients that resumed
	History  map[string]Kept   `json:"history"`           // by kind of channel, as a gap message names it
	Topics   int               `json:"subscriptions"`     // to topics, of all connections
	Limit    int               `json:"max_subscriptions"` // 0: there is none
	Requests map[string]uint64 `json:"topic_requests"`    // topics that clients asked for, by outcome
	Gaps     uint64            `json:"replay_gaps"`       // told because the history dropped what a replay needed
}

// Kept says how much memory the kept messages of one kind of channel take.
type Kept struct {
	Bytes int `json:"bytes"`
	Limit int `json:"limit"` // bytes
}

// Stats is a snapshot of the node's counters. The figures are not taken at one instant.
func (s *Server) Stats() Stats {
	return Stats{
		Cluster:          s.clusterFigures(),
		TotalConnections: s.sessionsNow(),
		UniqueUsers:      s.hub.Online(),
		ServerUptime:     s.elapsed(s.options.Now()).Seconds(),
		Sockets:          s.group.Open(),
		MaxConnections:   s.rules.Load().MaxConnections,
		Draining:         s.draining.Load(),
		Drain:            s.drainNow(),
		Accepted:         s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Accepted }),
		Admitted:         s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Admitted }),
		Refused:          s.counters.ByReason(func(c *stats.Counters) *[reason.Count]atomic.Uint64 { return &c.Refused }),
		Closed:           s.counters.ByReason(func(c *stats.Counters) *[reason.Count]atomic.Uint64 { return &c.Ended }),
		TurnedAway:       s.group.TurnedAway(),
		HandedOff:        s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.HandedOff }),
		Probes:           s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Probes }),
		Inquiries:        s.counters.ByReason(func(c *stats.Counters) *[reason.Count]atomic.Uint64 { return &c.Inquiries }),
		Preflights:       s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Preflights }),
		MessagesIn:       s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.MessagesIn }),
		BytesIn:          s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.BytesIn }),
		Deliveries:       s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Deliveries }),
		Errors:           s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Complaints }),
		Remembered:       s.remembered(),
		RateLimited:      s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Limited }),
		Overloaded:       s.overloaded.Load(),
		Refreshed:        s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Refreshed }),
		Revocations:      s.revocations.Count(s.Now().Unix()),
		BytesQueued:      s.group.Queued(),
		BytesUnfinished:  s.counters.Unfinished(),
		LogLinesDropped:  s.logLinesDropped(),
		Presence:         s.announces(),
		Conditions:       conditionsOf(s),
	}
}

// announces returns how arrivals are announced now.
func (n *node) announces() string {
	if n.announcer.Online() > presence.OnlineEach {
		return "summary"
	}
	return "each"
}

// clusterFigures returns the figures of the relay; nil if the node is alone.
func (n *node) clusterFigures() *ClusterFigures {
	if n.relay == nil {
		return nil
	}
	return n.relay.figures.read(cluster.State(n.relay.state.Load()))
}

func (n *node) remembered() Remembered {
	b := &n.broadcast
	b.mu.Lock()
	broadcast := Kept{b.store.Bytes(), b.store.Room()}
	b.mu.Unlock()
	var direct Kept
	direct.Bytes, direct.Limit = n.hub.Kept()
	var topic Kept
	topic.Bytes, topic.Limit = n.topics.Kept()
	return Remembered{
		Acks:     n.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Acks }),
		Resumes:  n.counters.Resumes(),
		Replayed: n.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Replayed }),
		History:  map[string]Kept{"broadcast": broadcast, "direct": direct, "topic": topic},
		Topics:   n.topics.Subscriptions(),
		Limit:    n.options.MaxSubscriptions,
		Requests: n.counters.Requests(),
		Gaps:     n.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Gaps }),
	}
}

func conditionsOf(s *Server) (c Conditions) {
	c.Viewers = s.Views.Viewers()
	c.Rate = s.rules.Load().HandshakeRate
	c.Storm = s.storms.report(c.Rate, s.options.Reactors)
	if s.options.Host != nil {
		f := s.options.Host()
		c.Host = &f
	}
	return c
}

func (s *Server) logLinesDropped() uint64 {
	if s.options.LogDropped == nil {
		return 0
	}
	return s.options.LogDropped()
}
