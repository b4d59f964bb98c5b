package netpolltest_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// run has clients on two reactors send, with torn reads, and returns the order of events.
func run(t *testing.T, seed uint64) []string {
	w, _, log := newWorld(t, 2, seed)
	w.Torn = 50
	for i := range 10 {
		p := w.Dial()
		for range 5 {
			p.Transmit([]byte{'a' + byte(i), 'A' + byte(i)})
			w.Group.PostAll(netpoll.Post{}, nil)
			w.Step()
		}
	}
	w.Settle()
	return *log
}

func TestTheSameSeedIsTheSameRun(t *testing.T) {
	first := run(t, 1)
	if again := run(t, 1); !slices.Equal(first, again) {
		t.Error("two runs with one seed differ")
	}
	if other := run(t, 2); slices.Equal(first, other) {
		t.Error("two runs with different seeds are the same")
	}
}

// TestAReactorTakesWhatIsReadyInOrder: a turn comes after the reads that were ready before it was asked for, and before
// those that became ready since.
func TestAReactorTakesWhatIsReadyInOrder(t *testing.T) {
	w, _, log := newWorld(t, 1, 1)
	first, second := w.Dial(), w.Dial()
	first.Transmit([]byte("a"))
	w.Group.PostAll(netpoll.Post{}, nil)
	second.Transmit([]byte("b"))
	first.Transmit([]byte("c")) // joins the bytes that are ready
	w.Settle()
	if want := []string{`0 reads "ac"`, "0 turns", `0 reads "b"`}; !slices.Equal(*log, want) {
		t.Errorf("%q, want %q", *log, want)
	}
	if w.Step() {
		t.Error("a settled world has something left to do")
	}
}

func TestDialsGoRoundTheReactors(t *testing.T) {
	w, _, _ := newWorld(t, 3, 1)
	for i := range 6 {
		if got := w.Dial().Handle().Reactor(); got != i%3 {
			t.Errorf("dial %d went to reactor %d", i, got)
		}
	}
	if got := w.DialTo(2).Handle().Reactor(); got != 2 {
		t.Errorf("a dial to reactor 2 went to reactor %d", got)
	}
	w.From = netip.MustParseAddr("2001:db8::1")
	if got := w.Dial().RemoteAddr().String(); got != "[2001:db8::1]:50000" {
		t.Errorf("dialled from %s", got)
	}
}

// TestTheClockMovesInTicks unless it jumps or stops: Advance gives each tick to the reactors.
func TestTheClockMovesInTicks(t *testing.T) {
	w, h, log := newWorld(t, 1, 1)
	w.Settle()
	start := w.Now()
	ticks := func(move func()) uint32 {
		before := h[0].reactor.Tick()
		*log = nil
		move()
		w.Settle()
		return h[0].reactor.Tick() - before
	}
	if n := ticks(func() { w.Advance(20 * netpoll.TickLength) }); n != 20 || len(*log) < 2 {
		t.Errorf("advanced by %d ticks in %d turns", n, len(*log))
	}
	if n := ticks(func() { w.Jump(20 * netpoll.TickLength) }); n != 20 || len(*log) > 2 { // two: the second one after a stall
		t.Errorf("jumped by %d ticks in %d turns", n, len(*log))
	}
	if passed := w.Now().Sub(start); passed != 40*netpoll.TickLength {
		t.Errorf("%v have passed", passed)
	}
}

// TestTheWallClockMovesAlone: the time that reactors measure stands still.
func TestTheWallClockMovesAlone(t *testing.T) {
	w, h, _ := newWorld(t, 1, 1)
	start := w.Now()
	w.SetWall(-time.Hour)
	w.Settle()
	now := w.Now()
	if date := now.Round(0).Sub(start.Round(0)); date != -time.Hour || now.Sub(start) != 0 || h[0].reactor.Tick() != 0 {
		t.Errorf("the date moved by %v, the clock by %v, tick %d", date, now.Sub(start), h[0].reactor.Tick())
	}
}

func TestABrokenDialFailsWithTheFirstWrite(t *testing.T) {
	w, h, _ := newWorld(t, 1, 1)
	p := w.DialBroken()
	if p.Closed {
		t.Fatal("broken before the server wrote")
	}
	p.Send([]byte("hello"))
	if !p.Closed || !slices.Equal(h[0].closed, []error{netpolltest.ErrReset}) {
		t.Errorf("closed %v, causes %v", p.Closed, h[0].closed)
	}
}
