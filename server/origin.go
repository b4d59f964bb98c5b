package server

import "momentum/server/admit"

// origin is the part of a session that says where its client connects from.
type origin struct {
	network admit.Network // the network under which it is counted; 0: none, or not yet
	client  admit.Network // the client's address, for the log; 0: not known, or not yet
	crowded bool          // counted above the limit of its address; it is refused after its request has arrived
	proxied bool          // the peer is a trusted proxy and not the client
	prefix  bool          // a PROXY header may still come
}
