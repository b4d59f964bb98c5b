package netpoll

import (
	"sync/atomic"
	"time"
)

// lag measures how late a turn comes that the ticker has asked for. Times are those elapsed since the group was made.
type lag struct {
	asked atomic.Int64 // when the ticker asked for a turn that has not come, in ns, plus 1; 0 if there is none
}

// ask notes that the ticker asks for a turn now. If it has asked already, the earlier time stays. Any goroutine may call it.
func (l *lag) ask(now time.Duration) { l.asked.CompareAndSwap(0, 1+int64(now)) }

// waiting returns for how long the ticker has waited for a turn, or 0 if it waits for none. Any goroutine may call it.
func (l *lag) waiting(now time.Duration) time.Duration {
	if asked := l.asked.Load(); asked != 0 {
		return now - time.Duration(asked-1)
	}
	return 0
}

// turn records that the turn has come, and returns how late it is. ok is false if the ticker has not asked for a turn;
// to see that costs one load.
func (l *lag) turn(now time.Duration) (late time.Duration, ok bool) {
	asked := l.asked.Load()
	if asked == 0 {
		return 0, false
	}
	l.asked.Store(0)
	return now - time.Duration(asked-1), true
}
