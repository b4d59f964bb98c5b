package server

import (
	"net/netip"
	"time"

	"momentum/server/auth"
)

// Rules is the part of Options that a running node can change. A value never changes: a reload replaces it.
type Rules struct {
	MaxConnections    int            // users' connections; at most MaxSockets
	MaxPerUser        int            // of one user, at most maxPerUser; 0: as many
	MaxPerAddress     int            // sockets of one IPv4 address or IPv6 /64; 0: no limit
	TrustedProxies    []netip.Prefix // peers that are believed about their client's address
	MaxMessageBytes   int            // a message's payload; a larger one closes the connection with 1009
	HandshakeRate     int            // handshakes a second that the node admits; 0: no limit
	RateLimit         int            // messages a second a connection; 0: no limit
	Compression       bool           // agree to permessage-deflate when it is offered
	Origins           []string       // from ParseOrigin; their pages may connect; none: the own host; AnyOrigin: all
	HeartbeatInterval time.Duration
	HeartbeatTimeout  time.Duration
	ConnectionTimeout time.Duration // without any frame
	CleanupInterval   time.Duration // between sweeps that repeat the work of the wheels
	MaxTopics         int           // subscriptions of a connection
	TopicsDefault     *auth.Topics  // for tokens without the claim topics; nil: none
	DrainWindow       time.Duration // how long a drain may take
}
