package server

import (
	"strconv"
	"sync/atomic"
)

// Figures is everything the node counts. What GET /ws/stats shows of it is Stats.
type Figures struct {
	Stats
	BytesOut  uint64      // taken by sockets
	Pongs     uint64      // answers of type pong
	Behind    int64       // connections with bytes queued in user space
	Slots     int         // sockets there is room for
	Refusals  []Counted   // handshakes by reason, all of them
	Closes    []Counted   // sessions by reason and code, all that can be
	Handshake Histogram   // accept to 101
	Ping      Histogram   // ping to pong
	FanOut    Histogram   // from the post of a message for all to its last send, on each reactor
	Lag       []Histogram // how late turns come, by reactor
	Waiting   []int64     // bytes that wait for the fan-out, by reactor
}

// Counted is a count under its labels.
type Counted struct {
	Reason string
	Code   string // of the close frame, if it is about one; 1006: there was none
	Count  uint64
}

// Figures is a snapshot of the node's counters. The figures are not taken at one instant.
func (s *Server) Figures() Figures {
	f := Figures{
		Stats:     s.Stats(),
		BytesOut:  s.group.Sent(),
		Pongs:     s.sum(func(c *counters) *atomic.Uint64 { return &c.pongs }),
		Behind:    s.group.Behind(),
		Slots:     s.options.MaxSockets,
		Handshake: s.histogram(func(c *counters) *histogram { return &c.handshakes }),
		Ping:      s.histogram(func(c *counters) *histogram { return &c.pings }),
		FanOut:    s.histogram(func(c *counters) *histogram { return &c.rounds }),
	}
	for i := range s.counters {
		lag := Histogram{Bounds: bucketBounds[:], Counts: make([]uint64, len(bucketBounds)+1)}
		lag.add(&s.counters[i].lag)
		f.Lag = append(f.Lag, lag)
		f.Waiting = append(f.Waiting, s.counters[i].waits.Load())
	}
	for r := ReasonNone + 1; r < reasonCount; r++ {
		if reasons[r].status != 0 {
			f.Refusals = append(f.Refusals, Counted{Reason: r.String(), Count: f.Refused[r.String()]})
		}
	}
	f.Closes = s.closes(f.Closed)
	return f
}

// closes takes the closes by reason apart by their codes. All that can be are named, for what first appears with
// a 1 has not increased to those who watch.
func (s *Server) closes(byReason map[string]uint64) (all []Counted) {
	for r := ReasonNone + 1; r < reasonCount; r++ {
		switch {
		case reasons[r].status != 0 || r == ClosedEarly:
		case r == ClosedByPeer:
			all = append(all, s.byCode(r, func(c *counters) *[closeCodes]atomic.Uint64 { return &c.farewells }, mayFarewell)...)
		case r == ClosedProtocol:
			all = append(all, s.byCode(r, func(c *counters) *[closeCodes]atomic.Uint64 { return &c.offences }, mayOffend)...)
		default:
			all = append(all, Counted{r.String(), strconv.Itoa(int(reasons[r].code)), byReason[r.String()]})
		}
	}
	return all
}

// byCode adds up a counter that is kept by code, for each code there can be.
func (s *Server) byCode(r Reason, which func(*counters) *[closeCodes]atomic.Uint64, can func(slot int) bool) (all []Counted) {
	for slot := range closeCodes {
		n := s.sum(func(c *counters) *atomic.Uint64 { return &which(c)[slot] })
		if n > 0 || can(slot) {
			all = append(all, Counted{r.String(), codeName(slot), n})
		}
	}
	return all
}
