package server

import (
	"momentum/netpoll"
	"momentum/server/cluster"
)

// errand is a message that was given to the bus, with the sender that waits for the outcome.
type errand struct {
	session netpoll.Handle       // of a client's
	id      []byte               // as JSON
	ack     bool                 // the client wants to have it acknowledged
	direct  bool                 // it is for one user
	done    chan cluster.Outcome // an administrator's; nil: a client waits
}

// outcome is what became of a client's message, on its way to the client's reactor.
type outcome struct {
	*errand
	cluster.Outcome
}
