package view

import (
	"encoding/json"
	"time"

	"momentum/server/host"
	"momentum/server/storm"
)

// View is the state of a node in one second, as GET /ws/stream sends it. Rates are those of the second; quantiles are those of the last ten.
type View struct {
	At          time.Time     `json:"at"`
	Seconds     float64       `json:"seconds"` // since the node's start, as in the history
	Node        Node          `json:"node"`
	Connections host.Level    `json:"connections"`
	Sockets     host.Level    `json:"sockets"`
	Users       int           `json:"users"`
	Storm       storm.Report  `json:"storm"`
	Rate        int           `json:"handshake_rate"` // the limit, WS_HANDSHAKE_RATE; 0: there is none
	Handshake   Quantiles     `json:"handshake"`
	Rates       Rates         `json:"per_second"`
	Processor   *float64      `json:"cpu_cores"` // cores that the process used; nil: not known
	Reactors    []Reactor     `json:"reactors"`
	Closes      []Close       `json:"closes"` // of the last minute
	Host        *host.Figures `json:"host,omitempty"`
	Drain       *Drain        `json:"drain,omitempty"`
	// Bus is the state of the connection with the other nodes of the cluster; "" and left out: the node is alone.
	Bus     string          `json:"bus,omitempty"`
	Health  json.RawMessage `json:"health,omitempty"` // as /readyz says
	Viewers Viewers         `json:"viewers"`
}

// Quantiles are those of the durations in the last ten seconds. They are nil if there were none.
type Quantiles struct {
	P50 *float64 `json:"p50_ms"`
	P99 *float64 `json:"p99_ms"`
}

// Rates are numbers of events in the second.
type Rates struct {
	Deliveries float64 `json:"deliveries"`
	Messages   float64 `json:"messages_received"`
	BytesIn    float64 `json:"bytes_received"`
	BytesOut   float64 `json:"bytes_sent"`
	Closes     float64 `json:"closes"`
	Limited    float64 `json:"rate_limited"`
	Overloaded float64 `json:"overloaded"`
}

// Reactor is the state of one event loop.
type Reactor struct {
	Processor *float64 `json:"cpu"`        // share of a core; nil: not known in this second
	Lag       *float64 `json:"lag_p99_ms"` // how late its turns come; nil: not measured
	Mailbox   int64    `json:"mailbox_bytes"`
	Waiting   int64    `json:"waiting_bytes"` // messages that wait for their sends
	Queued    int64    `json:"queued_bytes"`  // for slow clients
}

// Close is how many sessions ended for one reason in the last minute.
type Close struct {
	Reason string `json:"reason"`
	Code   int    `json:"code,omitempty"` // of the close frame; left out if it differs, or if there is none
	Count  uint64 `json:"count"`
	Again  bool   `json:"again"` // whether clients may come back after it
}

// Viewers says how many viewers a node has.
type Viewers struct {
	Now     int    `json:"now"`
	Limit   int    `json:"limit"`
	Refused uint64 `json:"refused"` // because there were as many as may be
	Cut     uint64 `json:"cut"`     // because they did not read
	Skipped uint64 `json:"skipped"` // views that slow viewers did not get
}
