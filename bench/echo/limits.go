package main

import (
	"momentum/netpoll"
	"momentum/protocol"
)

const (
	// maxMessageBytes is the largest message: conformance suites send up to 16 MiB.
	maxMessageBytes = 16 << 20

	// replyFlushBytes is the size of one read's replies above which they are written before the whole read is handled.
	replyFlushBytes = 32 << 10

	// roundBytes limits the frames that wait to be broadcast. A client that sends more is closed with 1013.
	roundBytes = 4 * maxMessageBytes

	// keepBytes is the largest buffer that is kept after a burst.
	keepBytes = 1 << 20

	// maxDescriptors replaces an unlimited number of descriptors, which does not fit every type.
	maxDescriptors = 1 << 20

	// reservedDescriptors are for the listeners, epoll, doorbells, and connections that are being refused.
	reservedDescriptors = 64

	// sessionsPerPage is how many sessions one allocation holds.
	sessionsPerPage = 1024
)

// messageLimits apply to a frame and to a message, so that fragments cannot exceed them.
var (
	messageLimits    = protocol.Limits{Frame: maxMessageBytes, Message: maxMessageBytes}
	compressedLimits = protocol.Limits{Frame: maxMessageBytes, Message: maxMessageBytes, Deflate: true}
)

// outbound lets a client send a few of the largest messages before it reads the first echo. An echo server must not stop
// reading, and must not keep everything.
var outbound = netpoll.Outbound{Soft: 4 * maxMessageBytes, Hard: 4 * maxMessageBytes, GraceTick: 100}

// overflow is the answer to a connection above the descriptor limit.
var overflow = protocol.AppendRefusal(nil, &protocol.Refusal{
	Status: 503, Code: "server_full", Message: "no descriptors are left: raise the limit (ulimit -n)",
}, 1)
