package server

import "momentum/server/admit"

// origin is the part of a session that says where its client connects from, and since when.
type origin struct {
	client  admit.Network // the client's address; 0: not known, or not yet
	since   uint32        // tick of the accept
	counted bool          // the socket is counted under that address
	crowded bool          // counted above the limit of its address; it is refused after its request has arrived
	proxied bool          // the peer is a trusted proxy and not the client
	prefix  bool          // a PROXY header may still come
}

// network returns the network under which the socket is counted; 0: none.
func (o *origin) network() admit.Network {
	if !o.counted {
		return 0
	}
	return o.client
}
