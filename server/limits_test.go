package server

import (
	"testing"
	"time"

	"momentum/netpoll"
)

func TestTicksRoundUp(t *testing.T) {
	for d, want := range map[time.Duration]uint32{0: 0, 1: 1, netpoll.TickLength: 1, netpoll.TickLength + 1: 2, time.Second: ticksPerSecond} {
		if got := ticks(d); got != want {
			t.Errorf("ticks(%v) = %d, want %d", d, got, want)
		}
	}
}

// TestAHandshakesWaitsFitInItsTimeout checks that the limits agree: a worker's queue, the directory and the rate limiter
// all wait within the time of a handshake.
func TestAHandshakesWaitsFitInItsTimeout(t *testing.T) {
	if maxTokenCheckWait+directoryMargin >= HandshakeTimeout {
		t.Errorf("%v and %v leave the directory no time of %v", maxTokenCheckWait, directoryMargin, HandshakeTimeout)
	}
	if drainFlush < CloseTimeout+drainAnswer {
		t.Errorf("%v of a drain are not enough for a close frame's answer", drainFlush)
	}
}
