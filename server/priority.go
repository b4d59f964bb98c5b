package server

import "momentum/server/admit"

// priorityOf returns the priority of a token. A reservation is used up.
func (b *base) priorityOf(token []byte) priority {
	recent := b.node.recent.Load()
	p := priority{token: recent.Sum(token)}
	since, paid, due := b.node.reserved.Load().Use(p.token, b.reactor.Tick())
	if due {
		p.kind, p.paid, p.since = admit.Due, paid, since
	} else {
		p.kind = recent.Kind(p.token)
	}
	return p
}

// reserve returns the seconds after which a client that the rate limiter has refused may come back, and reserves this time for its
// token. A time that is reserved already stays as it is, and all clients with the token are told it: another tab of a browser, and
// an inquiry after a refused handshake.
func (b *base) reserve(h *handshake, limiter *admit.Limiter[*handshake]) (seconds int) {
	now, reserved, token := b.reactor.Tick(), b.node.reserved.Load(), uint64(0)
	limiter.Advance(now)
	if h != nil {
		token = h.priority.token
	}
	if ahead, found := reserved.Ahead(token, now); found {
		return (ahead + admit.TicksPerSecond - 1) / admit.TicksPerSecond
	}
	seconds = limiter.RetryAfter(b.random)
	reserved.Keep(token, now, now+uint32(seconds)*admit.TicksPerSecond, false)
	return seconds
}
