package main

import (
	"momentum/netpoll"
	"momentum/protocol"
)

const (
	// maxMessageBytes is the largest message, which is the largest of conformance suites.
	maxMessageBytes = 16 << 20

	// replyFlushBytes is how large the answers to one read may become before they are written.
	replyFlushBytes = 32 << 10

	// roundBytes is how many bytes of broadcasts may wait. A sender above it gets a close frame that says to send more
	// slowly.
	roundBytes = 4 * maxMessageBytes

	// keepBytes is how much of a buffer is kept after a burst.
	keepBytes = 1 << 20

	// maxDescriptors stands for "unlimited", as a number that fits every type.
	maxDescriptors = 1 << 20

	// reservedDescriptors are for the listeners, epoll, eventfds, and connections that are being refused.
	reservedDescriptors = 64

	// sessionsPerPage is how many sessions one allocation contains.
	sessionsPerPage = 1024
)

// messageLimits apply to a frame and to a message alike, so that fragments do not circumvent them.
var (
	messageLimits = protocol.Limits{Frame: maxMessageBytes, Message: maxMessageBytes}
	packedLimits  = protocol.Limits{Frame: maxMessageBytes, Message: maxMessageBytes, Deflate: true}
)

// outbound lets a client send a few of the largest messages before it reads the first echo. An echo server can allow no
// more: it must not stop reading, and it must not store everything.
var outbound = netpoll.Outbound{Soft: 4 * maxMessageBytes, Hard: 4 * maxMessageBytes, GraceTick: 100}

// overflow is the answer to a connection above the descriptor limit.
var overflow = protocol.AppendRefusal(nil, &protocol.Refusal{
	Status: 503, Code: "server_full", Message: "no descriptors are left: raise the limit (ulimit -n)",
}, 1)
