package heavy

import "testing"

// TestAFullBookMakesRoom has each connection be heavier than all before it, in one slot after the other.
func TestAFullBookMakesRoom(t *testing.T) {
	m := newModel(t, 6*places)
	for i, c := range m.all {
		if i%places == 0 {
			m.begin(m.slot + 1)
		}
		m.send(c, 1000+i, 0)
	}
	rows := m.book.Heaviest(Out, past, Listed)
	for i, r := range rows {
		if want := m.all[len(m.all)-1-i]; r.Session != want {
			t.Fatalf("row %d is connection %d, want %d", i, r.Session.name, want.name)
		}
	}
	if len(rows) != Listed {
		t.Errorf("%d rows", len(rows))
	}
	m.check()
}

func TestALimitedListHasTheHeaviest(t *testing.T) {
	m := newModel(t, 50)
	for i, c := range m.all {
		m.receive(c, 10+i)
	}
	rows := m.book.Heaviest(In, 0, 2)
	if len(rows) != 2 || rows[0].Session != m.all[49] || rows[1].Session != m.all[48] || rows[0].Amounts[In] != 59 {
		t.Errorf("%+v", rows)
	}
}

// TestARowOfAnyConnectionHasThePresentSlot: one that is not in the book is measured, too.
func TestARowOfAnyConnectionHasThePresentSlot(t *testing.T) {
	m := newModel(t, 500)
	for i, c := range m.all {
		m.send(c, 1000-i, 0)
	}
	c := m.all[499]
	m.receive(m.all[498], 1)
	if r := m.book.Row(c, past); c.meter.Kept() || r.Session != c || r.Ended || r.Slots != 0 || r.Amounts[Out] != 501 {
		t.Errorf("in the book: %v; %+v", c.meter.Kept(), r)
	}
	if r := m.book.Row(m.all[0], past); !m.all[0].meter.Kept() || r.Amounts[Out] != 1000 {
		t.Errorf("%+v", r)
	}
}

func TestWindowsHaveWholeSlots(t *testing.T) {
	for seconds, want := range map[int]int{10: 2, 60: 12, 3600: 12} {
		if got := Slots(seconds); got != want {
			t.Errorf("%d s have %d slots, want %d", seconds, got, want)
		}
	}
}

// BenchmarkHeaviest is the part of a question that a reactor answers: a turn waits for it.
func BenchmarkHeaviest(b *testing.B) {
	m := newModel(b, places)
	for i, c := range m.all {
		m.book.enter(c, &c.meter)
		m.send(c, 1+i, 0)
	}
	for b.Loop() {
		m.book.Heaviest(Out, past, Listed)
	}
}

// BenchmarkMakeRoom looks for those in no list of a full book.
func BenchmarkMakeRoom(b *testing.B) {
	m := newModel(b, places)
	for i, c := range m.all {
		m.book.enter(c, &c.meter)
		m.book.entries[c.meter.place-1].listed[In] = true // none makes room
		m.send(c, 1+i, 0)
	}
	for b.Loop() {
		m.book.makeRoom()
	}
}
