package netpoll

import (
	"math/rand/v2"
	"testing"
)

// TestWheelAgainstModel arms, moves and disarms deadlines at random, and moves the clock by one tick to several revolutions.
// A map of deadlines is the model.
func TestWheelAgainstModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var s slab
	w := wheel{slab: &s}
	conns := make([]*Conn, 300)
	for i := range conns {
		conns[i] = s.take()
	}
	want := map[*Conn]uint32{}
	for step := range 20000 {
		c := conns[random.IntN(len(conns))]
		switch random.IntN(10) {
		case 0:
			w.disarm(c)
			delete(want, c)
		case 1:
			w.advance(w.now + random.Uint32N(4*wheelBuckets))
			expectDue(t, &w, want, step)
		case 2, 3:
			w.advance(w.now + 1)
			expectDue(t, &w, want, step)
		default:
			deadline := w.now + random.Uint32N(3*wheelBuckets)
			w.arm(c, deadline)
			want[c] = deadline
		}
		for _, deadline := range want {
			if soonest := w.nextDeadline(); int32(deadline-w.wakeAt.Load()) < 0 || int32(deadline-soonest) < 0 {
				t.Fatalf("step %d: the reactor would sleep past a deadline at %d, until %d or %d", step, deadline, w.wakeAt.Load(), soonest)
			}
		}
	}
}

func TestWheelFindsItsNextDeadline(t *testing.T) {
	var s slab
	w := wheel{slab: &s, now: ^uint32(0) - 3}
	if ahead := w.nextDeadline() - w.now; ahead != never {
		t.Errorf("the next deadline of an empty wheel is in %d ticks", ahead)
	}
	near, far := s.take(), s.take()
	w.arm(far, w.now+3*wheelBuckets)
	if ahead := w.nextDeadline() - w.now; ahead != wheelBuckets-1 {
		t.Errorf("a deadline beyond the horizon is next in %d ticks, want at the horizon", ahead)
	}
	w.arm(near, w.now+7)
	if ahead := w.nextDeadline() - w.now; ahead != 7 {
		t.Errorf("the next deadline is in %d ticks, want 7", ahead)
	}
	w.advance(w.now + 9)
	if ahead := w.nextDeadline() - w.now; ahead != 0 {
		t.Errorf("a deadline that has passed is next in %d ticks", ahead)
	}
}

func expectDue(t *testing.T, w *wheel, want map[*Conn]uint32, step int) {
	t.Helper()
	for c := w.pop(); c != nil; c = w.pop() {
		deadline, armed := want[c]
		if !armed || int32(deadline-w.now) > 0 {
			t.Fatalf("step %d, tick %d: slot %d came due with deadline %d (armed: %v)", step, w.now, c.slot, deadline, armed)
		}
		delete(want, c)
	}
	for c, deadline := range want {
		if int32(deadline-w.now) <= 0 {
			t.Fatalf("step %d, tick %d: slot %d with deadline %d did not come due", step, w.now, c.slot, deadline)
		}
	}
}

func TestDeadlinesAcrossTheOverflowOfTheTickCounter(t *testing.T) {
	var s slab
	w := wheel{slab: &s, now: ^uint32(0) - 3}
	c := s.take()
	w.arm(c, w.now+10)
	w.advance(w.now + 9)
	if got := w.pop(); got != nil {
		t.Fatal("came due a tick early, across the overflow of the tick counter")
	}
	w.advance(w.now + 1)
	if got := w.pop(); got != c {
		t.Fatal("did not come due after the overflow of the tick counter")
	}
}
