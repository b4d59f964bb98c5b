package server

import "sync/atomic"

// counters is what one reactor counts. Only its reactor adds; anybody reads. They are per reactor so that no
// two cores write to one cache line, and padded for the same reason.
type counters struct {
	accepted   atomic.Uint64              // connections
	handedOff  atomic.Uint64              // plain HTTP connections given to the sidecar
	probes     atomic.Uint64              // health probes answered on the WebSocket port
	admitted   atomic.Uint64              // handshakes answered with 101
	refused    [reasonCount]atomic.Uint64 // handshakes answered with an HTTP error
	ended      [reasonCount]atomic.Uint64 // sessions and abandoned handshakes
	messagesIn atomic.Uint64              // text and binary messages from clients
	bytesIn    atomic.Uint64              // bytes read
	deliveries atomic.Uint64              // messages queued for a session
	complaints atomic.Uint64              // error messages to clients
	pongs      atomic.Uint64              // pong messages to clients
	limited    atomic.Uint64              // messages over the rate limit
	refreshed  atomic.Uint64              // tokens that took another's place
	waits      atomic.Int64               // bytes that wait for a pass over the members, as of the last turn
	waitsSince atomic.Uint32              // when the oldest message of those for everybody was posted, a netpoll.Moment
	queued     atomic.Int64               // bytes of messages for single connections that wait, as of the last turn
	unfinished atomic.Int64               // bytes kept of what has not arrived whole, as of the last tick

	farewells [closeCodes]atomic.Uint64 // of those ended by the peer, by code
	offences  [closeCodes]atomic.Uint64 // of those ended for an offence, by code

	handshakes histogram // from the accept to the 101
	pings      histogram // from a ping to its pong
	rounds     histogram // from a post for all to the last send of it (see passOver)
	lag        histogram // how late turns come
	sampled    uint32    // the tick of the last of the rounds; the reactor's

	_ [64]byte
}

// sum adds one counter up over all reactors.
func (s *Server) sum(which func(*counters) *atomic.Uint64) (total uint64) {
	for i := range s.counters {
		total += which(&s.counters[i]).Load()
	}
	return total
}

// unfinished is what is kept of all that has not arrived whole.
func (s *Server) unfinished() (bytes int64) {
	for i := range s.counters {
		bytes += s.counters[i].unfinished.Load()
	}
	return bytes
}

// ended counts the sessions that ended for one reason.
func (s *Server) ended(r Reason) uint64 {
	return s.sum(func(c *counters) *atomic.Uint64 { return &c.ended[r] })
}

// byReason adds up a counter that is kept by reason, and names those that are not zero.
func (s *Server) byReason(which func(*counters) *[reasonCount]atomic.Uint64) map[string]uint64 {
	total := map[string]uint64{}
	for r := range reasonCount {
		if n := s.sum(func(c *counters) *atomic.Uint64 { return &which(c)[r] }); n > 0 {
			total[r.String()] = n
		}
	}
	return total
}
