package ends

import (
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/reason"
)

// End is the record of a session that has ended, or of a handshake that was refused or given up. It holds no pointer, so that the
// garbage collector does not look at the records.
type End struct {
	Number     uint64         // of its kind on its reactor, from 1 on
	At         time.Duration  // since the node's start
	Connection netpoll.Handle // as the log names it
	User       uuid.UUID      // zero: a handshake with an unchecked token
	Address    admit.Network  // of the client; 0: not known
	BytesIn    uint64         // from the client, with the request
	BytesOut   uint64         // to the client: written, or queued
	MessagesIn uint32         // from the client
	Delivered  uint32         // messages to the client, without the answers to its own
	Age        uint32         // ticks since the accept
	Silence    uint32         // ticks since the last frame or, before the first, since the accept
	Queued     uint32         // bytes in user space, at the end
	Refused    uint32         // messages of the client that were answered with an error
	RoundTrip  uint32         // of the last ping, in microseconds; 0: not measured
	Code       uint16         // of the close frame (1006: there was none), or the HTTP status of a refusal
	Reason     reason.Reason
	Reactor    uint8
}

// Kind says whether a session or a handshake has ended.
type Kind string

// The kinds. A handshake ends when it is refused, or when its client gives it up.
const (
	Session   Kind = "session"
	Handshake Kind = "handshake"
)

// Kind returns the kind of the end.
func (e *End) Kind() Kind {
	if e.Reason.Status() != 0 || e.Reason == reason.ClosedEarly {
		return Handshake
	}
	return Session
}

// Side names who ended a connection.
type Side string

// The sides. A socket that ends without a close frame was closed by the client's program, its host, or the network: the node
// cannot tell these apart.
const (
	Client  Side = "client"
	Network Side = "network"
	Node    Side = "node"
)

// Side returns which side ended the connection.
func (e *End) Side() Side {
	switch e.Reason {
	case reason.ClosedByPeer:
		return Client
	case reason.ClosedGone, reason.ClosedEarly:
		return Network
	}
	return Node
}
