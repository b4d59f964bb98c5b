package server

import "momentum/server/admit"

// traffic is the part of a session that counts and limits what its client sends.
type traffic struct {
	received  uint64         // bytes
	sent      uint64         // bytes, written or queued
	credit    admit.Credit   // of messages
	messages  uint32         // received
	delivered uint32         // messages sent, without the answers to the client's own
	refused   uint32         // messages above the limit since the last message within it
	kept      uint32         // bytes of incomplete requests, frames and messages, as the memory has counted them
	owes      uint32         // the fewest bytes queued for it since it was added to the list of catchups; 0: it is in no list
	controls  admit.Controls // pings and pongs that still count against its limit
}
