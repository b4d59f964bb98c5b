package server

import (
	"time"

	"github.com/google/uuid"
)

// missedReads limits how many channels of the bus are read for the positions of each user. A position is only a claim: a client that asks
// again and again from an old number, or from one that was never given, would have the bus read a history each time, up to 128 in one
// message. The map has the time, since the start of the node, at which a user has earned back all reads.
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

// forget forgets the users that have all their reads.
func (m missedReads) forget(now time.Duration) {
	for user, earned := range m {
		if earned <= now {
			delete(m, user)
		}
	}
}
