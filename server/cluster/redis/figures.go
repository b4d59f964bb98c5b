package redis

import (
	"sync/atomic"
	"time"

	"momentum/server/cluster"
)

// figures are counted by the parts of the bus.
type figures struct {
	batches, published, unknown, refused, givenUp, retried, joined, joinTrips, unread, attachments atomic.Uint64
}

// Figures are the figures of a bus, counted since its start unless they say otherwise.
type Figures struct {
	State        cluster.State
	Batches      uint64        // round trips with messages
	Published    uint64        // messages that Redis has taken
	Refused      uint64        // messages that Publish refused because too much waited
	GivenUp      uint64        // messages that ended with ErrUnavailable
	Unknown      uint64        // messages that ended with ErrUnknown
	Retried      uint64        // batches that were sent again, because their outcome was unknown
	Joined       uint64        // channels
	JoinTrips    uint64        // round trips for them
	Unread       uint64        // messages that could not be read
	Attachments  uint64        // times that the bus was connected
	OutboxBytes  int           // that wait now
	InboxBytes   int           // that wait now
	OutboxLimit  int           // bytes
	InboxLimit   int           // bytes
	CanaryTravel time.Duration // of the last canary, the longest of all primaries
}

// read returns what was counted.
func (c *figures) read() Figures {
	return Figures{
		Batches: c.batches.Load(), Published: c.published.Load(), Refused: c.refused.Load(),
		GivenUp: c.givenUp.Load(), Unknown: c.unknown.Load(), Retried: c.retried.Load(), Joined: c.joined.Load(),
		JoinTrips: c.joinTrips.Load(), Unread: c.unread.Load(), Attachments: c.attachments.Load(),
	}
}
