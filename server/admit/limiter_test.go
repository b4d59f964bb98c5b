package admit

import (
	"math/rand/v2"
	"testing"
)

// Fractions of a handshake in a tick are neither lost nor counted twice.
func TestAnyRateIsKept(t *testing.T) {
	for _, rate := range []int{1, 3, 10, 25, 39, 41, 1005} {
		for _, limiters := range []int{1, 2, 7} {
			var l Limiter[int]
			l.SetRate(rate, limiters)
			l.left = 0 // the first tick's
			admitted := 0
			for tick := uint32(1); tick <= 100*TicksPerSecond; tick++ {
				l.Advance(tick)
				for l.left > 0 && l.Admit(0, New) {
					admitted++
				}
			}
			if most := 100 * rate / limiters; admitted > most+1 || admitted < most-1 {
				t.Errorf("%d a second over %d limiters: each admitted %d in 100 s", rate, limiters, admitted)
			}
		}
	}
}

// A flood of refused handshakes, none of which comes back, makes no client wait for long.
func TestRetryAfterIsBounded(t *testing.T) {
	var l Limiter[int]
	l.SetRate(100, 1)
	random := rand.New(rand.NewPCG(1, 1))
	for range 1_000_000 {
		if wait := l.RetryAfter(random); wait > retryAfterLongest+1 {
			t.Fatalf("told to come back in %d s", wait)
		}
	}
	l.Advance(retryAfterLongest * TicksPerSecond)
	if wait := l.RetryAfter(random); wait > 2 {
		t.Errorf("a minute later a client is told to come back in %d s", wait)
	}
}

func TestReturningClientsGoFirst(t *testing.T) {
	var l Limiter[string]
	l.SetRate(TicksPerSecond, 1) // one a tick
	l.Advance(1)
	if !l.Admit("first", New) || l.Admit("new", New) || l.Admit("returning", Returning) {
		t.Fatal("one a tick")
	}
	for tick, want := range []string{"returning", "new"} {
		l.Advance(uint32(2 + tick))
		if got, late, ok := l.Next(); got != want || late || !ok {
			t.Errorf("tick %d: %q, late %v, %v", tick, got, late, ok)
		}
		if _, _, ok := l.Next(); ok {
			t.Error("two in one tick")
		}
	}
}

func TestDueHandshakesGoFirstAndMayWaitLonger(t *testing.T) {
	var l Limiter[string]
	l.SetRate(TicksPerSecond, 1)
	l.Advance(1)
	l.Admit("first", New)
	for _, h := range []string{"due", "due too"} {
		if l.Admit(h, Due) {
			t.Fatal("two in one tick")
		}
	}
	l.Admit("returning", Returning)
	for tick, want := range []string{"due", "due too", "returning"} {
		l.Advance(uint32(2 + tick))
		if got, late, ok := l.Next(); got != want || late != (want == "returning") || !ok {
			t.Errorf("tick %d: %q, late %v, %v", tick, got, late, ok)
		}
	}
	l.Admit("another", Due)
	l.Admit("patient", Due)
	l.Advance(4 + maxDueTicks)
	if got, late, ok := l.Next(); got != "patient" || late || !ok {
		t.Errorf("after two seconds: %q, late %v, %v", got, late, ok)
	}
}

func TestAQueuedHandshakeIsLateAfterTwoTicks(t *testing.T) {
	var l Limiter[int]
	l.SetRate(1, 1)
	l.Advance(1)
	l.left = 0
	l.Admit(7, New)
	l.Advance(1 + MaxWaitTicks)
	l.left = 0
	if _, _, ok := l.Next(); ok {
		t.Error("it goes on without a share")
	}
	l.Advance(2 + MaxWaitTicks)
	l.left = 0
	if h, late, ok := l.Next(); h != 7 || !late || !ok || l.Waiting() != 0 {
		t.Errorf("%d, late %v, %v, %d waiting", h, late, ok, l.Waiting())
	}
}

func TestPlacesAreBounded(t *testing.T) {
	var l Limiter[int]
	l.SetRate(100, 1)
	entered := 0
	for l.Enter(New) {
		entered++
	}
	if entered != 20 || !l.Enter(Returning) || l.Entered() != 21 {
		t.Errorf("%d places for new clients, %d in all", entered, l.Entered())
	}
	due := 0
	for l.Enter(Due) {
		due++
	}
	if want := 10 * maxDueTicks; due != want {
		t.Errorf("%d places for those that are due, want %d: what they may wait for", due, want)
	}
	for range due {
		l.Leave(Due)
	}
	for range entered {
		l.Leave(New)
	}
	l.Leave(Returning)
	if l.Entered() != 0 {
		t.Errorf("%d places are taken at the end", l.Entered())
	}
}
