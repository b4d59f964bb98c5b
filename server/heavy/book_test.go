package heavy

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// client is a connection, with the exact amounts of each slot.
type client struct {
	meter Meter
	c     Counters
	exact map[uint32]*Amounts // by slot; nil: the connection had no queue at its start and was sent nothing in it
	peak  uint32              // of its queue when it was sent something in the present slot
	ended uint32              // the slot; 0: it has not
	name  int
}

func (c *client) Meter() *Meter { return &c.meter }

func (c *client) Counters() Counters { return c.c }

func (c *client) in(slot uint32) *Amounts {
	a := c.exact[slot]
	if a == nil {
		if c.exact == nil {
			c.exact = make(map[uint32]*Amounts)
		}
		a = &Amounts{Queued: c.c.Queued}
		c.exact[slot] = a
	}
	return a
}

// model is a book beside the exact amounts of all connections.
type model struct {
	t     testing.TB
	book  Book[*client, int]
	all   []*client
	gone  []*client // in the present slot
	slot  uint32
	names int
}

func newModel(t testing.TB, clients int) *model {
	m := &model{t: t, book: NewBook[*client, int](), slot: 7}
	m.book.Begin(m.slot)
	for range clients {
		m.all = append(m.all, m.connect())
	}
	return m
}

func (m *model) connect() *client {
	m.names++
	return &client{name: m.names}
}

// send sends bytes to a connection, as the server does.
func (m *model) send(c *client, bytes, queued int) {
	c.c.Out += uint64(bytes)
	c.c.Queued = uint32(queued)
	a := c.in(m.slot)
	a[Out] += uint32(bytes)
	a[Queued] = max(a[Queued], uint32(queued))
	c.peak = max(c.peak, uint32(queued))
	if !m.book.QuietOut(&c.meter, c.c.Out) || queued > 0 {
		m.book.Sent(c, bytes)
	}
}

func (m *model) receive(c *client, bytes int) {
	c.c.In += uint64(bytes)
	c.in(m.slot)[In] += uint32(bytes)
	if !m.book.QuietIn(&c.meter, c.c.In) {
		m.book.Received(c, bytes)
	}
}

func (m *model) refuse(c *client) {
	c.in(m.slot)[Refused]++
	m.book.Refuse(c, 1)
}

// end ends a connection, and puts another one in its place.
func (m *model) end(i int) {
	c := m.all[i]
	c.ended = m.slot
	m.book.End(c, c.name)
	c.c = Counters{}
	m.gone = append(m.gone, c)
	m.all[i] = m.connect()
}

func (m *model) begin(slot uint32) {
	m.book.Begin(slot)
	m.gone = nil
	for _, c := range m.all {
		c.peak = 0
	}
	for ; m.slot < slot; m.slot++ {
		for _, c := range m.all {
			if c.c.Queued > 0 {
				c.in(m.slot + 1)
			}
		}
	}
}

// top returns the connections with the highest amounts in the present slot that are higher than all further ones.
func (m *model) top(what Measure) (top []*client) {
	type amount struct {
		c *client
		n uint32
	}
	var all []amount
	for _, c := range slices.Concat(m.all, m.gone) {
		if n := m.amount(c, what); n > 0 {
			all = append(all, amount{c, n})
		}
	}
	slices.SortFunc(all, func(a, b amount) int { return cmp.Compare(b.n, a.n) })
	bar := uint32(0)
	if len(all) > Listed {
		bar = all[Listed].n
	}
	for _, a := range all[:min(Listed, len(all))] {
		if a.n > bar {
			top = append(top, a.c)
		}
	}
	return top
}

// amount returns an exact amount of the present slot. A queue counts if the connection was sent something.
func (m *model) amount(c *client, what Measure) uint32 {
	if what == Queued {
		return c.peak
	}
	if a := c.exact[m.slot]; a != nil {
		return a[what]
	}
	return 0
}

// name returns the number of the connection in a row.
func name(r Row[*client, int]) int {
	if r.Ended {
		return r.End
	}
	return r.Session.name
}

// check compares the lists with the exact amounts.
func (m *model) check() {
	m.t.Helper()
	for what := range measures {
		listed := map[int]bool{}
		lowest := uint64(0)
		for _, r := range m.book.Heaviest(what, 0, Listed) {
			listed[name(r)] = true
			if len(listed) == Listed {
				lowest = r.Amounts[what]
			}
		}
		for _, c := range m.top(what) {
			if !listed[c.name] && uint64(m.amount(c, what)) > lowest {
				m.t.Fatalf("connection %d has %d of measure %d in slot %d and is not listed; the lowest is %d", c.name, m.amount(c, what), what, m.slot, lowest)
			}
		}
		for _, r := range m.book.Heaviest(what, past, Listed) {
			if !r.Ended {
				m.compare(r)
			}
		}
	}
	m.checkPlaces()
}

// compare compares a row with the exact amounts. A queue may have had its peak before the connection came into the book.
func (m *model) compare(r Row[*client, int]) {
	m.t.Helper()
	want := m.exactly(r.Session, r.Slots)
	if r.Amounts[Queued] <= want[Queued] {
		want[Queued] = r.Amounts[Queued]
	}
	if r.Amounts != want {
		m.t.Fatalf("connection %d is listed with %v in %d slots, and had %v", r.Session.name, r.Amounts, r.Slots, want)
	}
}

func (m *model) checkPlaces() {
	m.t.Helper()
	live := 0
	for _, c := range m.all {
		if !m.book.Holds(c) {
			m.t.Fatalf("the book and connection %d disagree", c.name)
		}
		if c.meter.place != 0 {
			live++
		}
	}
	if live != m.book.Live() {
		m.t.Fatalf("%d connections have a place, the book has %d", live, m.book.Live())
	}
}

// exactly returns the exact amounts of the last slots.
func (m *model) exactly(c *client, slots int) (all [measures]uint64) {
	for slot := m.slot - uint32(slots); slot <= m.slot; slot++ {
		if a := c.exact[slot]; a != nil {
			for what, n := range a {
				if Measure(what) == Queued {
					all[what] = max(all[what], uint64(n))
				} else {
					all[what] += uint64(n)
				}
			}
		}
	}
	return all
}

// act does something at random.
func (m *model) act(r *rand.Rand) {
	i := r.IntN(len(m.all))
	c := m.all[i]
	switch n := r.IntN(1000); {
	case n < 2:
		m.begin(m.slot + 1 + uint32(r.IntN(3)*r.IntN(8)))
	case n < 12:
		m.end(i)
	case n < 300:
		m.receive(c, 1+r.IntN(100*(1+c.name%50)))
	case n < 350:
		m.refuse(c)
	case n < 400:
		m.send(c, 1+r.IntN(1000), r.IntN(2)*r.IntN(100_000))
	default:
		m.send(c, 1+r.IntN(1000*(1+c.name%7)), 0)
	}
}

// TestTheHeaviestOfASlotAreExact compares the book with exact amounts, with few connections and with many.
func TestTheHeaviestOfASlotAreExact(t *testing.T) {
	for _, clients := range []int{3, 150, 5000} {
		t.Run(fmt.Sprint(clients), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(clients)))
			m := newModel(t, clients)
			for range 30 {
				for range 1000 {
					m.act(random)
				}
				m.check()
			}
		})
	}
}

// FuzzBook takes the steps from the input, two bytes each.
func FuzzBook(f *testing.F) {
	f.Add(uint16(150), []byte("the heaviest connections of a node, of the last ten seconds and of the last minute"))
	random := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		steps := make([]byte, 6000)
		for i := range steps {
			steps[i] = byte(random.Uint32())
		}
		f.Add(uint16(random.Uint32()), steps)
	}
	f.Fuzz(func(t *testing.T, clients uint16, steps []byte) {
		const stepsPerCheck = 1000
		m := newModel(t, 1+int(clients%400))
		for i := 0; i+1 < len(steps); i += 2 {
			m.act(rand.New(rand.NewPCG(uint64(steps[i])<<8|uint64(steps[i+1]), 2)))
			if i%(2*stepsPerCheck) == 0 {
				m.check()
			}
		}
		m.check()
	})
}

// TestAConnectionThatHasEndedStaysForAMinute is what the book is for.
func TestAConnectionThatHasEndedStaysForAMinute(t *testing.T) {
	m := newModel(t, 500)
	heaviest := m.all[3]
	m.send(heaviest, 1_000_000, 70_000)
	m.begin(m.slot + 1)
	m.end(3)
	for range past {
		m.begin(m.slot + 1)
		for _, c := range m.all {
			m.send(c, 10, 0)
		}
		for _, what := range []Measure{Out, Queued} {
			if r := m.book.Heaviest(what, past, 1)[0]; !r.Ended && m.slot < heaviest.ended+past || r.Ended && r.End != heaviest.name {
				t.Fatalf("in slot %d, after the end in %d, the heaviest is %+v", m.slot, heaviest.ended, r)
			}
		}
	}
	m.begin(m.slot + 1)
	if n := len(m.book.Heaviest(Queued, past, 1)); n != 0 {
		t.Errorf("%d have a queue after a minute", n)
	}
}

// TestABookIsBounded: OPERATIONS.md states the memory of a reactor's book, and the server that of a meter.
func TestABookIsBounded(t *testing.T) {
	if n := unsafe.Sizeof(Meter{}); n > 20 {
		t.Errorf("a meter takes %d bytes", n)
	}
	record := 112 // of an end in the server
	if n := places * (int(unsafe.Sizeof(entry{})) + record + 8 + 2); n > 800_000 {
		t.Errorf("a book takes %d bytes", n)
	}
	m := newModel(t, 3*places)
	i := 0
	if n := testing.AllocsPerRun(2*places, func() {
		i++
		c := m.all[i]
		c.c.Out += uint64(i)
		m.book.Sent(c, i)
	}); n != 0 {
		t.Errorf("a look allocates %v objects", n)
	}
}

// BenchmarkAlwaysHeavier is the worst that can be sent: each time another connection is heavier than all before it.
func BenchmarkAlwaysHeavier(b *testing.B) {
	m := newModel(b, 100_000)
	for i := range b.N {
		if i%len(m.all) == 0 {
			m.book.Begin(m.slot + uint32(i))
		}
		c := m.all[i%len(m.all)]
		c.c.Out += uint64(1000 + i%len(m.all))
		m.book.Sent(c, 1000+i%len(m.all))
	}
}

// BenchmarkBegin begins a slot with a full book: a turn waits for it.
func BenchmarkBegin(b *testing.B) {
	m := newModel(b, places)
	for i, c := range m.all {
		m.send(c, 1+i, 0)
		m.book.enter(c, &c.meter)
	}
	for i := range b.N {
		for j := range m.book.entries {
			m.book.entries[j].slots[0][Out], m.book.entries[j].slots[1][Out] = 1, 1 // none is idle
		}
		m.book.Begin(m.slot + 1 + uint32(i))
	}
}

// TestTheRefusedMessagesOfASlotDoNotWrap: the meter has 16 bits for them.
func TestTheRefusedMessagesOfASlotDoNotWrap(t *testing.T) {
	m := newModel(t, 1)
	c := m.all[0]
	for range 3 {
		m.book.Refuse(c, 30_000)
	}
	if got := m.book.Row(c, 0).Amounts[Refused]; got != 65_535 || c.meter.Refused != 90_000 {
		t.Errorf("%d in the slot, %d in all", got, c.meter.Refused)
	}
	m.book.Begin(m.slot + 1)
	m.book.Refuse(c, 2)
	if now, both := m.book.Row(c, 0).Amounts[Refused], m.book.Row(c, 1).Amounts[Refused]; now != 2 || both != 65_537 {
		t.Errorf("%d in the next slot, %d in both", now, both)
	}
}
