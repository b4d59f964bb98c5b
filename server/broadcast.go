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
}
