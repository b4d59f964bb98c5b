package heavy

import "testing"

// TestAConnectionIsQuietUpToTheBarOfItsSlot also lets its counter pass the highest value of its low bits.
func TestAConnectionIsQuietUpToTheBarOfItsSlot(t *testing.T) {
	const sent = 1<<32 - 10
	b := Bars{slot: 3}
	b.above[Out], b.above[In] = 100, 50
	m := Meter{}
	if b.QuietOut(&m, sent) || b.QuietIn(&m, sent) {
		t.Error("a connection is quiet before its slot has begun")
	}
	b.begin(&m, Counters{In: sent, Out: sent})
	for _, tt := range []struct {
		more  uint64
		quiet [2]bool
	}{{0, [2]bool{true, true}}, {50, [2]bool{true, true}}, {51, [2]bool{false, true}}, {100, [2]bool{false, true}}, {101, [2]bool{false, false}}} {
		if got := [2]bool{b.QuietIn(&m, sent+tt.more), b.QuietOut(&m, sent+tt.more)}; got != tt.quiet {
			t.Errorf("with %d bytes in and out in the slot it is quiet: %v, want %v", tt.more, got, tt.quiet)
		}
	}
	if a := b.amounts(&m, Counters{In: sent + 20, Out: sent + 30, Queued: 7}); a != (Amounts{20, 30, 7, 0}) {
		t.Errorf("%v", a)
	}
	b.slot++
	if a := b.amounts(&m, Counters{In: sent + 20, Out: sent + 30, Queued: 7}); a != (Amounts{0, 0, 7, 0}) {
		t.Errorf("in the next slot: %v", a)
	}
	if b.Open(&m); m.slot != 4 || m.Kept() {
		t.Errorf("%+v", m)
	}
}
