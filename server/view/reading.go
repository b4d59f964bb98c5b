package view

import (
	"time"

	"momentum/server/host"
	"momentum/server/reason"
	"momentum/server/stats"
	"momentum/server/storm"
)

// Reading has a node's counters and gauges at one time. Counts are those since the start.
type Reading struct {
	At         time.Duration // since the start
	Time       time.Time     // by the clock of the host
	Node       Node
	Live       int // sessions
	Max        int // limit of sessions
	Users      int
	Sockets    int
	MaxSockets int // limit of sockets
	Rate       int // WS_HANDSHAKE_RATE; 0: no limit
	Totals     Totals
	Storm      storm.Report
	Handshake  stats.Histogram
	Reactors   []ReactorReading
	Ended      [reason.Count]uint64 // sessions, and handshakes that the client gave up
	Refused    [reason.Count]uint64 // handshakes
	Processor  time.Duration        // of the process; 0: not known
	Host       *host.Figures        // nil: the host is not watched
	Drain      *Drain               // nil: there is none
	Bus        string               // state of the connection with the other nodes; "": the node is alone
}

// Node says which node it is.
type Node struct {
	Name    string    `json:"name"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
}

// Totals are counts of events since the start.
type Totals struct {
	Admitted   uint64 // handshakes
	Deliveries uint64
	Messages   uint64 // of clients
	BytesIn    uint64
	BytesOut   uint64
	Limited    uint64 // messages above the rate limit
	Overloaded uint64 // messages refused because the node had too much to send
}

// ReactorReading is the part of one reactor.
type ReactorReading struct {
	Processor time.Duration // of its thread, in the time of Watched
	Watched   time.Duration // for how long its processor time is known
	Lag       stats.Histogram
	Mailbox   int64 // bytes of posts
	Waiting   int64 // bytes of messages that wait for their sends
	Queued    int64 // bytes in user space for slow clients
}

// Drain is the progress of a drain.
type Drain struct {
	Sessions    int     `json:"sessions"`
	Closed      uint64  `json:"closed"`
	Remaining   int     `json:"remaining"`
	SecondsLeft float64 `json:"seconds_left"`
	Over        bool    `json:"over"`
}
