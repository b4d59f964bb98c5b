package server

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
)

// Rules is the part of Options that a running node can change. A value never changes: a reload replaces it.
type Rules struct {
	MaxConnections    int            // users' connections; at most MaxSockets
	MaxPerUser        int            // of one user; 0: no limit
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
	DrainWindow       time.Duration // how long a drain may take
}

// Reload applies new rules. It closes no connections: those above a lower limit stay until they end, those that came
// while addresses were not counted stay uncounted, agreements on compression hold, and a heartbeat that is already set
// comes at its set time. Reload returns after every reactor has applied the new rules. The context limits the wait,
// not the effect. Only one goroutine may call it at a time.
func (s *Server) Reload(ctx context.Context, r Rules) error {
	return await(ctx, &s.startReload(r).waiting)
}

// reload carries rules to the reactors.
type reload struct {
	rules   *Rules
	waiting sync.WaitGroup
}

func (s *Server) startReload(r Rules) *reload {
	l := &reload{rules: &r}
	s.enforce(l.rules)
	l.waiting.Add(s.group.Reactors())
	s.group.PostAll(netpoll.Post{Op: opReload, Ref: l}, nil)
	return l
}

// enforce applies rules to the parts of the node that no reactor owns.
func (s *Server) enforce(r *Rules) {
	s.rules.Store(r)
	s.slots.SetLimit(r.MaxConnections)
	s.hub.SetLimit(r.MaxPerUser)
	s.addresses.SetLimit(r.MaxPerAddress)
	if r.HandshakeRate > 0 && s.recent.Load() == nil {
		s.recent.Store(admit.NewRecent(2 * r.MaxConnections))
	}
}

// follow applies rules to a reactor.
func (sh *shard) follow(r *Rules) {
	sh.rules = r
	sh.limits.Frame, sh.limits.Message = r.MaxMessageBytes, r.MaxMessageBytes
	sh.compressedLimits.Frame, sh.compressedLimits.Message = r.MaxMessageBytes, r.MaxMessageBytes
	sh.limiter.SetRate(r.HandshakeRate, sh.server.options.Reactors)
}
