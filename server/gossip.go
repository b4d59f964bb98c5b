package server

import (
	"encoding/json"
	"sync"
	"time"

	"momentum/server/cluster"
	"momentum/server/presence"
)

// gossip tells all nodes which users have come to the cluster or left it, if this node was the one to find out. While few users are
// online it names each; otherwise it sends the numbers, several times for each summary. Each node announces them to its clients.
type gossip struct {
	send   func(note) bool
	online func() int // in the cluster

	mu      sync.Mutex
	pending presence.Changes
	each    int           // changes sent one by one in this interval
	began   time.Duration // of the interval
}

// add takes moves that the bus has reported.
func (g *gossip) add(list []cluster.Move) {
	g.mu.Lock()
	defer g.mu.Unlock()
	few := g.online() <= presence.OnlineEach
	for _, m := range list {
		p := presence.Person{ID: m.User, Name: m.Name}
		switch c := &g.pending; {
		case few && c.Joined.Count+c.Left.Count == 0 && g.each+len(c.Each) < presence.OnlineEach:
			c.Each = append(c.Each, presence.Change{Person: p, Here: m.Here})
		case m.Here:
			c.Joined.Add(p)
		default:
			c.Left.Add(p)
		}
	}
	if g.pending.Joined.Count+g.pending.Left.Count == 0 {
		g.flush()
	}
}

// tick ends an interval. The ticker calls it.
func (g *gossip) tick(elapsed time.Duration) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if elapsed-g.began >= max(presence.Interval, presence.IntervalOf(g.online())/gossipsPerSummary) {
		g.began, g.each = elapsed, 0
		g.flush()
	}
}

// flush sends the pending changes. If the bus does not take them, they stay pending.
func (g *gossip) flush() {
	c := &g.pending
	if len(c.Each)+c.Joined.Count+c.Left.Count == 0 {
		return
	}
	body, err := json.Marshal(c)
	if err == nil && g.send(note{Kind: "presence", Body: body}) {
		g.each += len(c.Each)
		g.pending = presence.Changes{}
	}
}
