package server

import (
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/ends"
	"momentum/server/heavy"
)

// ConnectionRow is one row of GET /ws/connections.
type ConnectionRow struct {
	ID          string     `json:"id"` // names no other connection later
	Node        string     `json:"node,omitempty"`
	Connection  string     `json:"connection"` // as the log and /ws/closes name it
	UserID      uuid.UUID  `json:"user_id"`
	Username    string     `json:"username,omitempty"` // if the node still knows the user
	Address     string     `json:"address,omitempty"`
	ConnectedAt time.Time  `json:"connected_at"`
	Age         float64    `json:"age_seconds"`
	BytesIn     uint64     `json:"bytes_received"`
	BytesOut    uint64     `json:"bytes_sent"`
	MessagesIn  uint32     `json:"messages_received"`
	Delivered   uint32     `json:"messages_delivered"`
	Refused     uint32     `json:"messages_refused"`
	Queued      uint32     `json:"queued_bytes"`
	Pending     int        `json:"pending_bytes"` // of messages that the node has not written to it yet
	Silence     float64    `json:"silent_seconds"`
	RoundTrip   float64    `json:"round_trip_ms,omitempty"` // of the last ping; 0: not measured
	Topics      int        `json:"topics"`                  // subscriptions
	Window      WindowRow  `json:"window"`
	Ended       string     `json:"ended,omitempty"` // the reason; then the other values are of its end
	EndedAt     *time.Time `json:"ended_at,omitempty"`
}

// WindowRow has the bytes and messages of a connection in the window.
type WindowRow struct {
	Seconds  float64 `json:"seconds"` // that were measured: of the window, and as long as the connection is in the book
	BytesIn  uint64  `json:"bytes_received"`
	BytesOut uint64  `json:"bytes_sent"`
	InRate   float64 `json:"bytes_received_per_second"`
	OutRate  float64 `json:"bytes_sent_per_second"`
	Refused  uint64  `json:"messages_refused"`
	Queued   uint64  `json:"most_queued_bytes"`
}

// amount returns the amount by which rows are sorted.
func (r *ConnectionRow) amount(by heavy.Measure) uint64 {
	return [...]uint64{heavy.In: r.Window.BytesIn, heavy.Out: r.Window.BytesOut, heavy.Queued: r.Window.Queued, heavy.Refused: r.Window.Refused}[by]
}

// heavyRow is a connection with its amounts.
type heavyRow = heavy.Row[*session, ends.End]

// rowOf describes a connection that the book has measured. It costs a look for each of its topics.
func (b *base) rowOf(h *heavyRow) ConnectionRow {
	if h.Ended {
		return b.endedRow(h)
	}
	s, tick := h.Session, b.reactor.Tick()
	r := ConnectionRow{
		ID: connectionID(b.node.epoch, s.handle()), Connection: s.handle().String(), UserID: s.user.ID,
		ConnectedAt: b.timeAt(s.origin.since), Age: secondsOf(tick - s.origin.since),
		BytesIn: s.traffic.received, BytesOut: s.traffic.sent, MessagesIn: s.traffic.messages, Delivered: s.traffic.delivered,
		Refused: s.meter.Refused, Queued: uint32(s.conn.Queued()), Silence: secondsOf(tick - s.life.seen), RoundTrip: float64(s.life.trip) / 1000,
	}
	if s.origin.client != 0 {
		r.Address = s.origin.client.String()
	}
	if s.member.Joined() {
		r.Pending = b.fanout.Owed(s)
		r.Topics = b.fanout.TopicCount(s)
	}
	r.Window = b.windowOf(h, tick-s.origin.since)
	return r
}

// endedRow describes a connection as it was at its end.
func (b *base) endedRow(h *heavyRow) ConnectionRow {
	e := &h.End
	at := b.node.started.Add(e.At).UTC()
	r := ConnectionRow{
		ID: connectionID(b.node.epoch, e.Connection), Connection: e.Connection.String(), UserID: e.User,
		ConnectedAt: at.Add(-time.Duration(e.Age) * netpoll.TickLength), Age: secondsOf(e.Age),
		BytesIn: e.BytesIn, BytesOut: e.BytesOut, MessagesIn: e.MessagesIn, Delivered: e.Delivered, Refused: e.Refused,
		Queued: e.Queued, Silence: secondsOf(e.Silence), RoundTrip: float64(e.RoundTrip) / 1000,
		Ended: e.Reason.String(), EndedAt: &at,
	}
	if e.Address != 0 {
		r.Address = e.Address.String()
	}
	sinceEnd := uint32(max(0, b.node.elapsed(b.now())-e.At) / netpoll.TickLength)
	r.Window = b.windowOf(h, e.Age+sinceEnd)
	return r
}

// windowOf returns the amounts of a row, and the rates over the time in which they were measured: since the accept, at most.
func (b *base) windowOf(h *heavyRow, age uint32) WindowRow {
	measured := min(age, uint32(h.Slots)*slotTicks+b.reactor.Tick()%slotTicks)
	w := WindowRow{
		Seconds: secondsOf(measured), BytesIn: h.Amounts[heavy.In], BytesOut: h.Amounts[heavy.Out],
		Refused: h.Amounts[heavy.Refused], Queued: h.Amounts[heavy.Queued],
	}
	if measured > 0 {
		w.InRate, w.OutRate = float64(w.BytesIn)/w.Seconds, float64(w.BytesOut)/w.Seconds
	}
	return w
}

// timeAt returns the time of a tick that has passed.
func (b *base) timeAt(tick uint32) time.Time {
	return b.now().Add(-time.Duration(b.reactor.Tick()-tick) * netpoll.TickLength).UTC()
}
