package heavy

// Measure is an amount by which connections are compared.
type Measure uint8

// The measures. For Queued the highest value of a slot counts, for the others the sum.
const (
	In      Measure = iota // bytes from the client
	Out                    // bytes to the client
	Queued                 // bytes that wait for the client's socket
	Refused                // messages of the client that were refused
	measures
)

// Valid reports whether there is such a measure.
func (m Measure) Valid() bool { return m < measures }

// Counters are the counters of a connection since its beginning, and its queue now.
type Counters struct {
	In, Out uint64
	Queued  uint32
}

// Session is a connection with its meter.
type Session interface {
	comparable
	Meter() *Meter
	Counters() Counters
}

// Meter is the part of a connection that belongs to the book: 20 bytes of each.
type Meter struct {
	Refused uint32 // messages since the beginning
	in, out uint32 // the low bits of the counters at the beginning of a slot
	refused uint16 // messages since then, at most 65,535
	slot    uint16 // the low bits of the number of that slot
	place   uint16 // in the book, plus one; 0: none
}

// Kept reports whether the connection is in the book.
func (m *Meter) Kept() bool { return m.place != 0 }

// Bars tell the connections that the book must look at from all others.
type Bars struct {
	slot  uint16           // the low bits of the number of the present slot
	above [measures]uint32 // a connection with more than this may be one of the heaviest of this slot
}

// QuietOut reports whether a connection that has now been sent so many bytes is not to be looked at.
func (b *Bars) QuietOut(m *Meter, sent uint64) bool {
	return m.slot == b.slot && uint32(sent)-m.out <= b.above[Out]
}

// QuietIn is QuietOut for the bytes that were received.
func (b *Bars) QuietIn(m *Meter, received uint64) bool {
	return m.slot == b.slot && uint32(received)-m.in <= b.above[In]
}

// Open begins the present slot for a new connection.
func (b *Bars) Open(m *Meter) { m.slot = b.slot }

// begin begins the present slot for a connection, with counters from before the event that is being counted.
func (b *Bars) begin(m *Meter, c Counters) {
	if m.slot != b.slot {
		m.slot, m.in, m.out, m.refused = b.slot, uint32(c.In), uint32(c.Out), 0
	}
}

// amounts returns the amounts of a connection in the present slot.
func (b *Bars) amounts(m *Meter, c Counters) (a Amounts) {
	if m.slot == b.slot {
		a[In], a[Out], a[Refused] = uint32(c.In)-m.in, uint32(c.Out)-m.out, uint32(m.refused)
	}
	a[Queued] = c.Queued
	return a
}
