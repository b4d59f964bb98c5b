package ends

import (
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"momentum/server/reason"
)

// filled has ends of sessions at even times, and of handshakes at odd ones.
func filled(reactors, count int) *Book {
	b := NewBook(reactors)
	for i := range count {
		why := reason.ClosedGone
		if i%2 == 1 {
			why = reason.RefusedBusy
		}
		b.Add(&End{At: time.Duration(i), Reason: why, User: uuid.UUID{byte(i % 10)}})
	}
	return &b
}

func all(*End) bool { return true }

func TestBookFindsTheNewestFirst(t *testing.T) {
	b := filled(1, 100)
	found, count := b.Find(&Filter{}, all, make([]End, 0, 5))
	if count != 100 || len(found) != 5 {
		t.Fatalf("%d of %d", len(found), count)
	}
	for i, e := range found {
		if e.At != time.Duration(99-i) {
			t.Errorf("row %d is of %d", i, e.At)
		}
	}
}

func TestPagesOfABookHaveEachEndOnce(t *testing.T) {
	b := filled(1, 100)
	seen, before := map[time.Duration]bool{}, time.Duration(1000)
	for {
		found, count := b.Find(&Filter{User: uuid.UUID{3}, Since: 20}, func(e *End) bool { return e.At < before }, make([]End, 0, 3))
		if count != 8 {
			t.Fatalf("%d are selected, want 8", count)
		}
		if len(found) == 0 {
			break
		}
		for _, e := range found {
			if seen[e.At] || e.User != (uuid.UUID{3}) {
				t.Fatalf("%+v again, or not selected", e)
			}
			seen[e.At] = true
			before = e.At
		}
	}
	if len(seen) != 8 {
		t.Errorf("the pages have %d of 8", len(seen))
	}
}

// TestAStormOfRefusalsDisplacesNoSession: the two kinds have rings of their own.
func TestAStormOfRefusalsDisplacesNoSession(t *testing.T) {
	b := NewBook(2)
	for i := range 3 {
		b.Add(&End{At: time.Duration(i), Reason: reason.ClosedSlow})
	}
	for i := range 3 * Kept {
		b.Add(&End{At: time.Duration(i + 3), Reason: reason.RefusedBusy})
	}
	_, sessions := b.Find(&Filter{Kind: Session}, all, nil)
	found, handshakes := b.Find(&Filter{Kind: Handshake}, all, make([]End, 0, Kept))
	if sessions != 3 || handshakes != Kept/2 {
		t.Errorf("%d sessions and %d handshakes are kept, want 3 and %d", sessions, handshakes, Kept/2)
	}
	if first, last := found[0], found[len(found)-1]; first.Number != 3*Kept || last.Number != 3*Kept-Kept/2+1 {
		t.Errorf("numbers %d to %d are kept", first.Number, last.Number)
	}
}

// TestABookIsBounded: OPERATIONS.md states the memory.
func TestABookIsBounded(t *testing.T) {
	if size := 2 * Kept * unsafe.Sizeof(End{}); size > 2_000_000 {
		t.Errorf("the ends of a node take %d bytes", size)
	}
	b := filled(1, 10)
	e := End{Reason: reason.ClosedGone}
	if n := testing.AllocsPerRun(100, func() { b.Add(&e) }); n != 0 {
		t.Errorf("a record allocates %v objects", n)
	}
}

// BenchmarkAdd records one end: at most 100 ns.
func BenchmarkAdd(b *testing.B) {
	book := NewBook(1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		book.Add(&End{At: time.Duration(i), Reason: reason.ClosedGone, Code: 1006})
	}
}

// BenchmarkFind looks through a full memory for a user that is not there: a turn of the reactor waits for it.
func BenchmarkFind(b *testing.B) {
	book := filled(1, 4*Kept)
	for b.Loop() {
		book.Find(&Filter{User: uuid.UUID{99}}, all, nil)
	}
}
