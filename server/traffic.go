package server

import "momentum/server/admit"

// traffic is the part of a session that counts and limits what its client sends.
type traffic struct {
	received uint64         // bytes, for the log
	credit   admit.Credit   // of messages
	messages uint32         // received, for the log
	refused  uint32         // messages above the limit since the last message within it
	kept     uint32         // bytes of incomplete requests, frames and messages, as the memory has counted them
	controls admit.Controls // pings and pongs that still count against its limit
}
