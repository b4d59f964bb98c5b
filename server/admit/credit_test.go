package admit

import (
	"fmt"
	"testing"
)

// The tick at which credit is full again goes to the user's next connection, and must give it the same credit as one
// connection would have earned.
func TestReconnectingKeepsTheEarnedCredit(t *testing.T) {
	const forgotten = 30
	for _, limit := range []int{1, 7, 100, 1_000_000} {
		for _, size := range []int{0, 5000, 60 << 10} {
			t.Run(fmt.Sprint(limit, "/", size), func(t *testing.T) {
				stays, leaves := NewCredit(limit, 1000, 0, forgotten), NewCredit(limit, 1000, 0, forgotten)
				for range 5 {
					stays.Spend(limit, size, 1003)
					leaves.Spend(limit, size, 1003)
				}
				for now := uint32(1003); now < 1003+forgotten-3; now++ {
					next := NewCredit(limit, now, leaves.Full(limit, forgotten), forgotten)
					earned := min(burst(limit), int64(stays.left)+int64(now-stays.earned)*int64(limit))
					if more := int64(next.left) - earned; more > 0 || more < -int64(limit) {
						t.Fatalf("at %d the next connection has %d, the one that stayed %d", now, next.left, earned)
					}
				}
			})
		}
	}
}

func TestAFullBurstPaysForAnyMessage(t *testing.T) {
	c := NewCredit(1, 1000, 0, 30)
	if !c.Spend(1, 1<<20, 1000) || c.Spend(1, 0, 1000) || !c.Spend(1, 0, 1010) {
		t.Error("a full burst of 2 messages must pay for one of a MiB, and a second earn one more")
	}
}

func TestOwingGoesBelowZero(t *testing.T) {
	c := NewCredit(10, 1000, 0, 30)
	c.Spend(10, 0, 1000)
	c.Owe(10, 0, 100<<10) // as much as a burst
	if c.Spend(10, 0, 1000) {
		t.Error("a message is paid with a debt")
	}
	if !c.Spend(10, 0, 1000+3*TicksPerSecond) {
		t.Error("a debt is never earned back")
	}
}
