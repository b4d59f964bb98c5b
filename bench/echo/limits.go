package main

import (
	"momentum/netpoll"
	"momentum/protocol"
)

const (
	// maxMessageBytes is the largest message, the size conformance suites go up to.
	maxMessageBytes = 16 << 20

	// replyFlushBytes is how much one read's replies may grow to before they are written in the middle of it.
	replyFlushBytes = 32 << 10

	// roundBytes is how much may wait to go round; whoever sends on top of it is told to send more slowly.
	roundBytes = 4 * maxMessageBytes

	// keepBytes is how much of a buffer survives a burst.
	keepBytes = 1 << 20

	// maxDescriptors stands for "unlimited", in a number that fits every type.
	maxDescriptors = 1 << 20

	// reservedDescriptors are for the listeners, epoll, doorbells, and connections that are being refused.
	reservedDescriptors = 64

	// sessionsPerPage is how many sessions one allocation holds.
	sessionsPerPage = 1024
)

// messageLimits hold for a frame and for a message alike, so that fragments are no way around them.
var (
	messageLimits = protocol.Limits{Frame: maxMessageBytes, Message: maxMessageBytes}
	packedLimits  = protocol.Limits{Frame: maxMessageBytes, Message: maxMessageBytes, Deflate: true}
)

// outbound lets a client send a few of the largest messages before it reads the first echo, which is all that
// an echo server can allow itself: it must not stop reading, and it must not keep everything.
var outbound = netpoll.Outbound{Soft: 4 * maxMessageBytes, Hard: 4 * maxMessageBytes, GraceTick: 100}

// overflow is the answer to a connection beyond the descriptor limit.
var overflow = protocol.AppendRefusal(nil, &protocol.Refusal{
	Status: 503, Code: "server_full", Message: "no descriptors are left: raise the limit (ulimit -n)",
}, 1)
