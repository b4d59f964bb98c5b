package server

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"momentum/netpoll"
)

// Rules are the part of Options that a node may be told anew while it serves. They never change: new ones take
// their place.
type Rules struct {
	MaxConnections    int
	MaxPerUser        int
	MaxPerAddress     int
	TrustedProxies    []netip.Prefix
	MaxMessageBytes   int
	HandshakeRate     int
	RateLimit         int
	Compression       bool
	Origins           []string
	HeartbeatInterval time.Duration
	HeartbeatTimeout  time.Duration
	ConnectionTimeout time.Duration
	CleanupInterval   time.Duration
	DrainWindow       time.Duration
}

// Rules returns those that a node made from the options starts with.
func (o Options) Rules() Rules {
	return Rules{
		MaxConnections:    o.MaxConnections,
		MaxPerUser:        o.MaxPerUser,
		MaxPerAddress:     o.MaxPerAddress,
		TrustedProxies:    o.TrustedProxies,
		MaxMessageBytes:   o.MaxMessageBytes,
		HandshakeRate:     o.HandshakeRate,
		RateLimit:         o.RateLimit,
		Compression:       o.Compression,
		Origins:           o.Origins,
		HeartbeatInterval: o.HeartbeatInterval,
		HeartbeatTimeout:  o.HeartbeatTimeout,
		ConnectionTimeout: o.ConnectionTimeout,
		CleanupInterval:   o.CleanupInterval,
		DrainWindow:       o.DrainWindow,
	}
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
	s.seats.most.Store(int64(r.MaxConnections))
	s.hub.most.Store(int64(r.MaxPerUser))
	s.addresses.most.Store(uint32(r.MaxPerAddress))
	if r.HandshakeRate > 0 && s.recent.Load() == nil {
		s.recent.Store(newRecent(min(2*r.MaxConnections, mostRecent)))
	}
}

// follow puts rules in force on a reactor.
func (sh *shard) follow(r *Rules) {
	sh.rules = r
	sh.limits.Frame, sh.limits.Message = r.MaxMessageBytes, r.MaxMessageBytes
	sh.packedLimits.Frame, sh.packedLimits.Message = r.MaxMessageBytes, r.MaxMessageBytes
	sh.gate.set(r.HandshakeRate, sh.server.options.Reactors)
}
