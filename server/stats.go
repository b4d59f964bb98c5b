package server

import "sync/atomic"

// Stats is what GET /ws/stats answers: gauges of now, and counts since start.
type Stats struct {
	TotalConnections int               `json:"total_connections"` // live sessions
	UniqueUsers      int               `json:"unique_users"`      // users online
	ServerUptime     float64           `json:"server_uptime"`     // seconds
	Sockets          int               `json:"sockets"`           // open, handshakes and closes under way among them
	MaxConnections   int               `json:"max_connections"`
	Draining         bool              `json:"draining"`
	Drain            *DrainProgress    `json:"drain,omitempty"`
	Accepted         uint64            `json:"accepted"`            // connections
	Admitted         uint64            `json:"handshakes_admitted"` // answered with 101
	Refused          map[string]uint64 `json:"handshakes_refused"`  // by reason
	Closed           map[string]uint64 `json:"closed"`              // sessions and abandoned handshakes, by reason
	TurnedAway       uint64            `json:"turned_away"`         // connections beyond the descriptor cap
	HandedOff        uint64            `json:"http_handed_over"`    // plain HTTP connections on the WebSocket port
	MessagesIn       uint64            `json:"messages_received"`
	BytesIn          uint64            `json:"bytes_received"`
	Deliveries       uint64            `json:"messages_delivered"` // one for each session a message was sent to
	Errors           uint64            `json:"error_messages"`     // answers of type error
	RateLimited      uint64            `json:"rate_limited"`
	Overloaded       uint64            `json:"overloaded"`
	Refreshed        uint64            `json:"token_refreshes"`
	Revocations      int               `json:"revocations"`      // in force here
	BytesQueued      int64             `json:"bytes_queued"`     // in user space, for readers that lag
	BytesUnfinished  int64             `json:"bytes_unfinished"` // kept of requests and messages that have not arrived whole
	LogLinesDropped  uint64            `json:"log_lines_dropped"`
	Presence         string            `json:"presence"` // "each" or "summary": how arrivals are told now
}

// Stats is a snapshot of the node's counters. The figures are not taken at one instant.
func (s *Server) Stats() Stats {
	how := "each"
	if s.hub.online.Load() > onlineEach {
		how = "summary"
	}
	return Stats{
		TotalConnections: s.sessionsNow(),
		UniqueUsers:      int(s.hub.online.Load()),
		ServerUptime:     s.options.Now().Sub(s.started).Seconds(),
		Sockets:          s.group.Open(),
		MaxConnections:   s.rules.Load().MaxConnections,
		Draining:         s.draining.Load(),
		Drain:            s.drainNow(),
		Accepted:         s.sum(func(c *counters) *atomic.Uint64 { return &c.accepted }),
		Admitted:         s.sum(func(c *counters) *atomic.Uint64 { return &c.admitted }),
		Refused:          s.byReason(func(c *counters) *[reasonCount]atomic.Uint64 { return &c.refused }),
		Closed:           s.byReason(func(c *counters) *[reasonCount]atomic.Uint64 { return &c.ended }),
		TurnedAway:       s.group.TurnedAway(),
		HandedOff:        s.sum(func(c *counters) *atomic.Uint64 { return &c.handedOff }),
		MessagesIn:       s.sum(func(c *counters) *atomic.Uint64 { return &c.messagesIn }),
		BytesIn:          s.sum(func(c *counters) *atomic.Uint64 { return &c.bytesIn }),
		Deliveries:       s.sum(func(c *counters) *atomic.Uint64 { return &c.deliveries }),
		Errors:           s.sum(func(c *counters) *atomic.Uint64 { return &c.complaints }),
		RateLimited:      s.sum(func(c *counters) *atomic.Uint64 { return &c.limited }),
		Overloaded:       s.sum(func(c *counters) *atomic.Uint64 { return &c.overloaded }),
		Refreshed:        s.sum(func(c *counters) *atomic.Uint64 { return &c.refreshed }),
		Revocations:      s.revocations.Expire(s.options.Now().Unix()),
		BytesQueued:      s.group.Queued(),
		BytesUnfinished:  s.unfinished(),
		LogLinesDropped:  s.logLinesDropped(),
		Presence:         how,
	}
}

func (s *Server) logLinesDropped() uint64 {
	if s.options.LogDropped == nil {
		return 0
	}
	return s.options.LogDropped()
}

// sessionsNow is the number of live sessions.
func (s *Server) sessionsNow() int {
	return int(s.live.Load())
}
