package server

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
)

// Rules are the part of Options that a node may be told anew while it serves. They never change: new ones take
// their place.
type Rules struct {
	MaxConnections    int            // users' connections; at most MaxSockets
	MaxPerUser        int            // of them, one user's; 0: no limit
	MaxPerAddress     int            // sockets of one IPv4 address or IPv6 /64; 0: no limit
	TrustedProxies    []netip.Prefix // whose word on who connects is taken
	MaxMessageBytes   int            // a message's payload; a larger one closes the connection with 1009
	HandshakeRate     int            // handshakes a second the node lets in; 0 is no limit
	RateLimit         int            // messages a second a connection; 0 is no limit
	Compression       bool           // agree to permessage-deflate when it is offered
	Origins           []string       // sites whose pages may connect, of ParseOrigin; none: the node's own host; AnyOrigin: all
	HeartbeatInterval time.Duration
	HeartbeatTimeout  time.Duration
	ConnectionTimeout time.Duration // without any frame
	CleanupInterval   time.Duration // between sweeps that repeat what the wheels have done
	DrainWindow       time.Duration // how long a drain may take, to the last goodbye
}

// Reload puts other rules in force, and closes nobody for them: connections above a lower limit stay until they
// go, those that came while addresses were not counted stay uncounted, what was agreed on compression holds, and
// a heartbeat that is set already comes when it was to come. It returns when every reactor goes by the new rules; the
// context bounds the wait, not what comes of it. It is for one goroutine at a time.
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

// enforce puts rules in force where no reactor owns what they are about.
func (s *Server) enforce(r *Rules) {
	s.rules.Store(r)
	s.slots.SetLimit(r.MaxConnections)
	s.hub.SetLimit(r.MaxPerUser)
	s.addresses.SetLimit(r.MaxPerAddress)
	if r.HandshakeRate > 0 && s.recent.Load() == nil {
		s.recent.Store(admit.NewRecent(2 * r.MaxConnections))
	}
}

// follow puts rules in force on a reactor.
func (sh *shard) follow(r *Rules) {
	sh.rules = r
	sh.limits.Frame, sh.limits.Message = r.MaxMessageBytes, r.MaxMessageBytes
	sh.packedLimits.Frame, sh.packedLimits.Message = r.MaxMessageBytes, r.MaxMessageBytes
	sh.limiter.SetRate(r.HandshakeRate, sh.server.options.Reactors)
}
