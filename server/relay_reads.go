package server

import (
	"time"

	"github.com/google/uuid"
)

// missedReads limits how many histories the bus reads for the clients of each user. A client only claims a position: if it repeatedly
// states an old number, or one that was never given, the bus would read a history each time, up to 128 for one message. The map has the
// time, since the start of the node, at which a user will have earned back all reads.
type missedReads map[uuid.UUID]time.Duration

// take spends a read of a user, and reports whether the user had one left.
func (m missedReads) take(user uuid.UUID, now time.Duration) bool {
	earned := max(m[user], now) + readInterval
	if earned > now+maxReads*readInterval {
		return false
	}
	m[user] = earned
	return true
}

// forget removes the users that have earned back all reads.
func (m missedReads) forget(now time.Duration) {
	for user, earned := range m {
		if earned <= now {
			delete(m, user)
		}
	}
}
