package server

import (
	"sync/atomic"

	"momentum/server/stats"
)

// Figures holds all counters of the node. Stats is the part of it that GET /ws/stats returns.
type Figures struct {
	Stats
	BytesOut  uint64            // taken by sockets
	Returned  uint64            // admitted handshakes of clients that were here not long before
	Pongs     uint64            // answers of type pong
	Listings  uint64            // pages of users, sent to clients that asked
	Behind    int64             // connections with bytes queued in user space
	Slots     int               // limit on sockets
	Refusals  []stats.Counted   // handshakes by reason, all of them
	Asked     []stats.Counted   // inquiries by the refusal, all of them; none: a handshake would be admitted
	Closes    []stats.Counted   // sessions by every possible pair of reason and code
	Handshake stats.Histogram   // accept to 101
	Ping      stats.Histogram   // ping to pong
	FanOut    stats.Histogram   // from the post of a message for all to its last send, on each reactor
	Lag       []stats.Histogram // how late turns come, by reactor
	Waiting   []int64           // bytes that wait for the fan-out, by reactor
}

// Figures is a snapshot of the node's counters. The figures are not taken at one instant.
func (s *Server) Figures() Figures {
	f := Figures{
		Stats:     s.Stats(),
		BytesOut:  s.group.Sent(),
		Returned:  s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Returned }),
		Pongs:     s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Pongs }),
		Listings:  s.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Listings }),
		Behind:    s.group.Backlogged(),
		Slots:     s.options.MaxSockets,
		Handshake: s.counters.Histogram(func(c *stats.Counters) *stats.Recorder { return &c.Handshakes }),
		Ping:      s.counters.Histogram(func(c *stats.Counters) *stats.Recorder { return &c.Pings }),
		Refusals:  s.counters.Refusals(),
		Asked:     s.counters.Inquired(),
		Closes:    s.counters.Closes(),
		FanOut:    s.counters.Histogram(func(c *stats.Counters) *stats.Recorder { return &c.Passes }),
	}
	for i := range s.counters {
		f.Lag = append(f.Lag, s.counters[i:i+1].Histogram(func(c *stats.Counters) *stats.Recorder { return &c.Lag }))
		f.Waiting = append(f.Waiting, s.counters[i].Waits.Load())
	}
	return f
}
