package server

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"momentum/server/admit"
	"momentum/server/ends"
)

// EndFilter selects ends. A field with its zero value selects all.
type EndFilter struct {
	User    uuid.UUID  `json:"user"`
	Address netip.Addr `json:"address"` // of IPv6, any of its /64
	Code    uint16     `json:"code"`
	Reason  string     `json:"reason"`
	Side    ends.Side  `json:"side"`
	Kind    ends.Kind  `json:"kind"`
	Since   time.Time  `json:"since"`
}

// on returns the filter for a node that has started at a time.
func (f *EndFilter) on(started time.Time) ends.Filter {
	found := ends.Filter{User: f.User, Address: admit.NetworkOf(f.Address), Code: f.Code, Reason: f.Reason, Side: f.Side, Kind: f.Kind}
	if !f.Since.IsZero() {
		found.Since = f.Since.Sub(started)
	}
	return found
}

// EndPlace is the place of an end in the list of all, the newest first. The zero value is before all of them.
type EndPlace struct {
	At      time.Time `json:"at"`
	Node    string    `json:"node"` // its name
	Reactor uint8     `json:"reactor"`
	Kind    ends.Kind `json:"kind"`
	Number  uint64    `json:"number"`
}

// Compare orders places: the newest comes first.
func (p EndPlace) Compare(o EndPlace) int {
	switch first, second := p.At.IsZero(), o.At.IsZero(); {
	case first && second:
		return 0
	case first:
		return -1
	case second:
		return 1
	}
	return cmp.Or(o.At.Compare(p.At), cmp.Compare(p.Node, o.Node), cmp.Compare(p.Reactor, o.Reactor), cmp.Compare(p.Kind, o.Kind), cmp.Compare(o.Number, p.Number))
}

// EndRow is one row of GET /ws/closes.
type EndRow struct {
	At         time.Time  `json:"at"`
	Kind       ends.Kind  `json:"kind"`
	Reason     string     `json:"reason"`
	Code       uint16     `json:"code,omitempty"` // of the close frame, or the HTTP status; 0: the client gave its handshake up
	Side       ends.Side  `json:"side"`
	UserID     *uuid.UUID `json:"user_id,omitempty"`  // nil: the token was not checked
	Username   string     `json:"username,omitempty"` // if the node still knows the user
	Address    string     `json:"address,omitempty"`
	Connection string     `json:"connection"` // as the log names it
	Node       string     `json:"node,omitempty"`
	Reactor    uint8      `json:"reactor"`
	Number     uint64     `json:"number"`      // of its kind on its reactor
	Age        float64    `json:"age_seconds"` // since the accept
	Silence    float64    `json:"silent_seconds"`
	BytesIn    uint64     `json:"bytes_received"`
	BytesOut   uint64     `json:"bytes_sent"`
	MessagesIn uint32     `json:"messages_received"`
	Delivered  uint32     `json:"messages_delivered"`
	Refused    uint32     `json:"messages_refused"`
	Queued     uint32     `json:"queued_bytes"`
	RoundTrip  float64    `json:"round_trip_ms,omitempty"` // of the last ping; 0: not measured
}

// Place returns the place of the row.
func (r *EndRow) Place() EndPlace { return EndPlace{r.At, r.Node, r.Reactor, r.Kind, r.Number} }

// endQuestion asks for ends that a filter selects, after a place.
type endQuestion struct {
	Filter EndFilter `json:"filter"`
	After  EndPlace  `json:"after"`
	Limit  int       `json:"limit"`
}

func (q endQuestion) check() error { return within(isLimit(q.Limit)) }

// secondsOf returns ticks in seconds.
func secondsOf(ticks uint32) float64 { return float64(ticks) / ticksPerSecond }
