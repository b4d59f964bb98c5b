// Package stats has the counters of a node: each reactor adds to its own, and readers get the sums.
package stats

import (
	"sync/atomic"

	"momentum/server/reason"
)

// Counters holds the counters of one reactor. Only its reactor adds; any goroutine reads. They are per reactor so that
// no two cores write to one cache line, and padded for the same reason.
type Counters struct {
	Accepted   atomic.Uint64               // connections
	HandedOff  atomic.Uint64               // plain HTTP connections given to the sidecar
	Probes     atomic.Uint64               // health probes answered on the WebSocket port
	Inquiries  [reason.Count]atomic.Uint64 // plain GET requests for /ws, by the refusal that a handshake would get
	Preflights atomic.Uint64               // of browsers, before an inquiry
	Admitted   atomic.Uint64               // handshakes answered with 101
	Returned   atomic.Uint64               // of them, by clients that were admitted not long ago
	Refused    [reason.Count]atomic.Uint64 // handshakes answered with an HTTP error
	Ended      [reason.Count]atomic.Uint64 // sessions and abandoned handshakes
	MessagesIn atomic.Uint64               // text and binary messages from clients
	BytesIn    atomic.Uint64               // bytes read
	Deliveries atomic.Uint64               // messages queued for a session
	Complaints atomic.Uint64               // error messages to clients
	Pongs      atomic.Uint64               // pong messages to clients
	Listings   atomic.Uint64               // pages of users, sent to clients that asked
	Acks       atomic.Uint64               // acknowledgements to clients
	Limited    atomic.Uint64               // messages over the rate limit
	Refreshed  atomic.Uint64               // tokens that replaced another
	Resumes    [Resumes]atomic.Uint64      // handshakes that asked to resume, by outcome
	Requests   [Requests]atomic.Uint64     // for topics, by outcome
	Replayed   atomic.Uint64               // missed messages that were sent again
	Gaps       atomic.Uint64               // gaps that clients were told because the history dropped what a replay needed
	Waits      atomic.Int64                // bytes that wait for a pass over the members, as of the last turn
	WaitsSince atomic.Uint32               // when the oldest waiting broadcast was posted, a netpoll.Moment
	Queued     atomic.Int64                // bytes of waiting direct messages, as of the last turn
	Unfinished atomic.Int64                // bytes of incomplete messages, and of those held during replays, as of the last tick

	Processor atomic.Int64 // ns, of the thread that runs the reactor
	Watched   atomic.Int64 // ns, for which it is known

	peerCloses     [closeCodes]atomic.Uint64 // of those ended by the peer, by code
	protocolCloses [closeCodes]atomic.Uint64 // of those ended for a protocol error, by code

	Handshakes Recorder // from the accept to the 101
	Pings      Recorder // from a ping to its pong
	Passes     Recorder // from the post of a broadcast to its last send
	Lag        Recorder // how late turns come

	_ [64]byte
}

// Node holds the counters of all reactors of a node.
type Node []Counters

// Sum adds one counter up over all reactors.
func (n Node) Sum(which func(*Counters) *atomic.Uint64) (total uint64) {
	for i := range n {
		total += which(&n[i]).Load()
	}
	return total
}

// Unfinished returns the bytes that are held of requests and messages that have not arrived completely, and of messages that wait
// for the end of a replay.
func (n Node) Unfinished() (bytes int64) {
	for i := range n {
		bytes += n[i].Unfinished.Load()
	}
	return bytes
}

// Ended returns how many sessions ended for one reason.
func (n Node) Ended(r reason.Reason) uint64 {
	return n.Sum(func(c *Counters) *atomic.Uint64 { return &c.Ended[r] })
}

// ByReason returns the sums of a counter that is kept by reason, except those that are zero.
func (n Node) ByReason(which func(*Counters) *[reason.Count]atomic.Uint64) map[string]uint64 {
	total := map[string]uint64{}
	for r := range reason.Count {
		if count := n.Sum(func(c *Counters) *atomic.Uint64 { return &which(c)[r] }); count > 0 {
			total[r.String()] = count
		}
	}
	return total
}

// Resumes returns how many handshakes asked to resume, by outcome. All outcomes are there.
func (n Node) Resumes() map[string]uint64 {
	total := make(map[string]uint64, Resumes)
	for r := range Resumes {
		total[r.String()] = n.Sum(func(c *Counters) *atomic.Uint64 { return &c.Resumes[r] })
	}
	return total
}

// Requests returns how many topics clients asked for, by outcome. All outcomes are there.
func (n Node) Requests() map[string]uint64 {
	total := make(map[string]uint64, Requests)
	for r := range Requests {
		total[r.String()] = n.Sum(func(c *Counters) *atomic.Uint64 { return &c.Requests[r] })
	}
	return total
}

// Histogram returns the sum of a histogram over all reactors.
func (n Node) Histogram(which func(*Counters) *Recorder) Histogram {
	h := newHistogram()
	for i := range n {
		h.add(which(&n[i]))
	}
	return h
}
