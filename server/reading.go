package server

import (
	"sync/atomic"
	"time"

	"momentum/server/reason"
	"momentum/server/stats"
	"momentum/server/view"
)

// readingOf adds up the counters of the reactors.
func readingOf(s *Server, elapsed time.Duration) view.Reading {
	sum := s.counters.Sum
	rules := s.rules.Load()
	conditions := conditionsOf(s)
	r := view.Reading{
		At: elapsed, Time: s.Now(), Node: view.Node{Name: s.options.Self.Name, Version: s.options.Self.Version, Started: s.started},
		Live: s.sessionsNow(), Max: rules.MaxConnections, Users: s.hub.Online(), Sockets: s.group.Open(), MaxSockets: s.options.MaxSockets,
		Rate: rules.HandshakeRate, Storm: conditions.Storm, Host: conditions.Host,
		Totals: view.Totals{
			Admitted:   sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Admitted }),
			Deliveries: sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Deliveries }),
			Messages:   sum(func(c *stats.Counters) *atomic.Uint64 { return &c.MessagesIn }),
			BytesIn:    sum(func(c *stats.Counters) *atomic.Uint64 { return &c.BytesIn }),
			BytesOut:   s.group.Sent(),
			Limited:    sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Limited }),
			Overloaded: s.overloaded.Load(),
		},
		Handshake: s.counters.Histogram(func(c *stats.Counters) *stats.Recorder { return &c.Handshakes }),
		Drain:     (*view.Drain)(s.drainNow()),
	}
	for why := range reason.Count {
		r.Ended[why] = s.counters.Ended(why)
		r.Refused[why] = sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Refused[why] })
	}
	if s.options.Processor != nil {
		r.Processor = s.options.Processor()
	}
	if f := s.clusterFigures(); f != nil {
		r.Bus = f.State
	}
	for i := range s.counters {
		r.Reactors = append(r.Reactors, reactorReading(s, i))
	}
	return r
}

// reactorReading reads the part of one reactor.
func reactorReading(s *Server, i int) view.ReactorReading {
	c, load := &s.counters[i], s.group.LoadOf(i)
	return view.ReactorReading{
		Processor: time.Duration(c.Processor.Load()), Watched: time.Duration(c.Watched.Load()),
		Lag:     s.counters[i : i+1].Histogram(func(c *stats.Counters) *stats.Recorder { return &c.Lag }),
		Mailbox: load.Mailbox, Waiting: c.Waits.Load() + c.Queued.Load(), Queued: load.Queued,
	}
}
