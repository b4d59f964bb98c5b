package fanout

// Each post to the reactor has an order number, and a member's position is one of them. The numbers wrap around, so only
// those that are less than 1<<31 apart can be compared. Two rules keep them so: fewer than oldestOrder posts are pending,
// since each takes more than 32 bytes of memory, and renew moves up the positions that are older than that.

const (
	oldestOrder = 1 << 30

	// renewEvery is after how many posts the next member's position is renewed. With a million members, a position is
	// older than oldestOrder by at most 1<<26.
	renewEvery = 64
)

// before reports whether the post a came before the post b.
func before(a, b uint32) bool { return int32(a-b) < 0 }

func later(a, b uint32) uint32 {
	if before(a, b) {
		return b
	}
	return a
}
