package server

import (
	"momentum/netpoll"
	"momentum/server/cluster"
)

// errand is the sender's part of a message that was given to the bus: where the outcome goes.
type errand struct {
	session netpoll.Handle       // of the client that sent it
	id      []byte               // of the message, as JSON
	ack     bool                 // the client wants the message acknowledged
	direct  bool                 // the message is for one user
	done    chan cluster.Outcome // gets the outcome for an administrator; nil: a client sent the message
}

// outcome is what became of a client's message, on its way to the client's reactor.
type outcome struct {
	*errand
	cluster.Outcome
}
