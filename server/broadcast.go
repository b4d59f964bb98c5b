package server

import (
	"sync"

	"momentum/server/history"
)

// broadcast is the channel of the messages for everybody. A message is numbered, kept and posted under its lock, so that all
// reactors get all messages in one order. The channel of a user's direct messages is in the hub, under the lock of the
// user's entry.
type broadcast struct {
	mu      sync.Mutex
	channel history.Channel
	store   history.Store
	in      history.Membership // if the node is in a cluster
}

// audit compares the memory of the history with what is counted.
func (b *broadcast) audit() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var sum history.Sum
	sum.Add(&b.store, 1) // it has one channel
	return sum.Fault()
}
