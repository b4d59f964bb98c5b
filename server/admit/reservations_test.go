package admit

import (
	"fmt"
	"testing"
)

func TestAReservationIsKeptUntilASecondAfterItIsDue(t *testing.T) {
	const now, due = 1<<24 - 20, 1<<24 + 30 // over the end of the ticks that fit in a reservation
	for at, want := range map[uint32]bool{
		now: false, due - earlyTicks - 1: false, due - earlyTicks: true, due: true, due + reservedTicks: true, due + reservedTicks + 1: false,
		due + 1<<23: false, due - 1<<23: false,
	} {
		for _, paid := range []bool{false, true} {
			reserved := NewReservations(100)
			reserved.Keep(7, now, due, paid)
			if since, gotPaid, got := reserved.Use(7, at); got && since != due || got != want || gotPaid != (want && paid) {
				t.Errorf("%d ticks after it is due: used %v, paid %v", int32(at-due), got, gotPaid)
			}
			if _, _, again := reserved.Use(7, at); again {
				t.Error("it is used twice")
			}
		}
	}
}

func TestAReservationBelongsToItsToken(t *testing.T) {
	reserved := NewReservations(100)
	reserved.Keep(1<<40, 0, 0, false)
	if _, _, due := reserved.Use(1<<41, 0); due {
		t.Error("another token in the same place uses it")
	}
	reserved.Keep(1<<40, 0, 50, true)
	if _, _, due := reserved.Use(1<<40, 0); due {
		t.Error("the former reservation is kept beside the new one")
	}
	if ticks, found := reserved.Ahead(1<<40, 20); ticks != 30 || !found {
		t.Errorf("30 ticks before it is due: %d, %v", ticks, found)
	}
	if _, paid, due := reserved.Use(1<<40, 50); !paid || !due {
		t.Errorf("the new one: %v, %v", paid, due)
	}
}

func TestAReservationThatIsNotYetDueStays(t *testing.T) {
	for _, paid := range []bool{false, true} {
		reserved := NewReservations(100)
		reserved.Keep(1<<40, 0, 50, false)
		reserved.Keep(1<<40, 10, 60, paid)
		reserved.Keep(1<<40, 10, 10, paid)
		if since, gotPaid, due := reserved.Use(1<<40, 50); since != 50 || gotPaid || !due {
			t.Errorf("it is due from %d on, paid %v, used %v", since, gotPaid, due)
		}
	}
}

func TestAFullPlaceKeepsTheReservationsThatItHas(t *testing.T) {
	reserved := NewReservations(1)
	for sum := range uint64(reservedWays + 1) {
		reserved.Keep((sum+1)<<40, 0, 10, false)
	}
	kept := 0
	for sum := range uint64(reservedWays + 1) {
		if _, found := reserved.Ahead((sum+1)<<40, 0); found {
			kept++
		}
	}
	if _, last := reserved.Ahead((reservedWays+1)<<40, 0); kept != reservedWays || last {
		t.Errorf("%d are kept of %d, the last one: %v", kept, reservedWays+1, last)
	}
	reserved.Keep((reservedWays+1)<<40, 11+reservedTicks, 50, false)
	if _, found := reserved.Ahead((reservedWays+1)<<40, 11+reservedTicks); !found {
		t.Error("a reservation that is over keeps its place")
	}
}

func TestNothingIsReservedWithoutAToken(t *testing.T) {
	reserved := NewReservations(100)
	reserved.Keep(0, 5, 5, true)
	if _, _, due := reserved.Use(0, 5); due {
		t.Error("a handshake without a token uses a reservation")
	}
	var none *Reservations
	none.Keep(1, 5, 5, true)
	if _, _, due := none.Use(1, 5); due {
		t.Error("a nil Reservations keeps a reservation")
	}
	if _, found := none.Ahead(1, 0); found {
		t.Error("a nil Reservations keeps a reservation")
	}
}

// TestATableHasRoomForNearlyAllReservations fills a table to half, as the node does.
func TestATableHasRoomForNearlyAllReservations(t *testing.T) {
	const tokens = 10_000
	recent, reserved, kept := NewRecent(1), NewReservations(2*tokens), 0
	for i := range tokens {
		reserved.Keep(recent.Sum(fmt.Append(nil, i)), 0, 5, false)
	}
	for i := range tokens {
		if _, _, due := reserved.Use(recent.Sum(fmt.Append(nil, i)), 5); due {
			kept++
		}
	}
	if kept < tokens*95/100 {
		t.Errorf("%d of %d are kept", kept, tokens)
	}
}
