package jitter

import (
	"context"
	"sync"
	"time"
)

// Pulse is what the clients of a run met since the Pulse before.
type Pulse struct {
	At        time.Duration // since the sending began
	Open      int           // the fewest connections at a time
	Delivered int           // different messages
	Slowest   time.Duration // the longest time from a message's timestamp until it arrived
}

// gauge measures the next Pulse of a run.
type gauge struct {
	mu   sync.Mutex
	open int // connections now
	next Pulse
}

// connected adds to the number of connections.
func (g *gauge) connected(change int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open += change
	g.next.Open = min(g.next.Open, g.open)
}

// delivered counts a message.
func (g *gauge) delivered(took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next.Delivered++
	g.next.Slowest = max(g.next.Slowest, took)
}

// take ends a Pulse and returns it.
func (g *gauge) take(at time.Duration) Pulse {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.next
	p.At, g.next = at, Pulse{Open: g.open}
	return p
}

// watch reports a Pulse once a second until ctx ends.
func (r *run) watch(ctx context.Context) {
	begun := r.over.Add(-r.Length)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			r.Watch(r.gauge.take(now.Sub(begun)))
		}
	}
}
