package server

import "sync"

// channel is a sequence of messages with an order of its own: the broadcast is one, and so are the direct messages of
// each user, which the lock of the user's entry in the hub orders. A message is numbered and posted under one lock, so
// that all reactors get all messages of a channel in the same order.
type channel struct {
	mu  sync.Mutex
	seq uint64 // of the message that was posted last
}
