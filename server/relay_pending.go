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
	wanted  bool               // a subscribe message for this topic waits for another topic, so the node stays in the channel
}

// missedRead says for which channels the bus was already asked, once, for the messages that a client has missed. It is asked again only
// if the node has not joined the channel.
type missedRead struct{ broadcast, direct bool }

// lastNumbers are the numbers of the last messages that a client has had in the present epoch, if it asks to resume.
type lastNumbers struct {
	asked             bool
	read              *missedRead
	broadcast, direct uint64
}
