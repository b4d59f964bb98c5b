package server

import (
	"momentum/netpoll"
	"momentum/server/cluster"
)

// pending is a channel that is being joined, or whose missing messages are being read.
type pending struct {
	answers int                // that are still to come
	held    []cluster.Delivery // messages that wait for the answer
	bytes   int                // of held
	dropped bool               // some were not held: there were too many bytes
	waiters []netpoll.Post     // posted after the answer
}

// lastNumbers are the numbers of the last messages that a client has had in the present epoch, if it asks to resume.
type lastNumbers struct {
	asked             bool
	waits             uint8 // which wait for the bus this is
	broadcast, direct uint64
}
