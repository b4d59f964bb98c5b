package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

const (
	// settle is the time after which the machine is at rest: garbage is collected, and pings are sent in time again.
	settle = 15 * time.Second

	// directMessages are sent to random users, over this time: so rarely that they are no load.
	directMessages = 1000
	directTime     = 10 * time.Second

	// awayMessages are sent to users of a dead node before they come back.
	awayMessages = 1000
	awayInterval = time.Millisecond

	// logEvery is how often the run says how many are connected: with each tenth point of the curve, so every ten seconds.
	logEvery = 10

	// maxWait bounds every wait for messages and connections.
	maxWait = 4 * time.Minute
)

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// measure reads the memory of all connections.
func (w *world) measure(ctx context.Context) error {
	if err := pause(ctx, settle); err != nil {
		return err
	}
	w.record.Full = w.memory()
	if err := w.generators.command(command{}); err != nil {
		return err
	}
	w.record.Presence = w.generators.sum().Presence
	return nil
}

// broadcast has one user send a message to all others.
func (w *world) broadcast(ctx context.Context) error {
	if err := w.generators.command(command{Clear: true}); err != nil {
		return err
	}
	if err := w.generators[0].command(command{Broadcast: true}); err != nil {
		return err
	}
	err := w.generators.await(ctx, maxWait, "a broadcast", func(sum answer) bool { return sum.Broadcasts == w.connections-1 })
	if err != nil {
		return err
	}
	all, err := w.generators.latency()
	if err != nil {
		return err
	}
	w.record.Broadcast = newArrivals(all)
	return nil
}

// directs has random users send to random users, once the broadcast and the pings that had to wait for it are over.
func (w *world) directs(ctx context.Context) error {
	if err := pause(ctx, settle); err != nil {
		return err
	}
	if err := w.generators.command(command{Clear: true}); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 0))
	each := ceil(directMessages, len(w.generators))
	for left, i := directMessages, 0; left > 0; i++ {
		to := make([]int, min(left, each))
		for k := range to {
			to[k] = random.IntN(w.connections)
		}
		left -= len(to)
		if err := w.generators[i].command(command{To: to, Interval: directTime / time.Duration(each)}); err != nil {
			return err
		}
	}
	err := w.generators.await(ctx, directTime+maxWait, "direct messages", func(sum answer) bool { return sum.Directs == directMessages })
	if err != nil {
		return err
	}
	all, err := w.generators.latency()
	if err != nil {
		return err
	}
	w.record.Directs = newArrivals(all)
	return nil
}

// kill ends a node at once. While its users are away, a broadcast and direct messages are sent, which they get when they come back to
// the other nodes. They may come back when all others have the broadcast: else its million deliveries would be measured, and not their return.
func (w *world) kill(ctx context.Context) error {
	dead := len(w.nodes) / 2
	g, other := w.generators[dead], w.generators[(dead+1)%len(w.nodes)]
	yes, no := true, false
	if err := errors.Join(w.generators.command(command{Clear: true}), g.command(command{Hold: &yes})); err != nil {
		return err
	}
	began := time.Now()
	w.nodes[dead].Kill()
	if err := (fleet{g}).await(ctx, maxWait, "the end of connections", func(sum answer) bool { return sum.Open == 0 }); err != nil {
		return err
	}
	sent, err := w.sendAway(ctx, dead, other)
	if err != nil {
		return err
	}
	free := time.Now()
	if err := g.command(command{Hold: &no, Targets: w.targets(dead)}); err != nil {
		return err
	}
	if err := (fleet{g}).await(ctx, maxWait, "the way back", func(sum answer) bool { return sum.Open == w.size(g) }); err != nil {
		return err
	}
	w.record.Death = death{Users: w.size(g), Away: free.Sub(began).Seconds(), Back: time.Since(free).Seconds(), Sent: sent}
	err = w.generators.await(ctx, maxWait, "the messages of that time", func(sum answer) bool {
		return sum.Broadcasts == w.connections-1 && sum.Directs == sent
	})
	w.record.Death.Whole = time.Since(free).Seconds()
	return err
}

// sendAway sends a broadcast, and direct messages to random users of a dead node. It returns the number of these when all others have the
// broadcast.
func (w *world) sendAway(ctx context.Context, dead int, from *remote) (sent int, err error) {
	first, last := w.users(dead)
	users := rand.New(rand.NewPCG(2, 0)).Perm(last - first)
	users = users[:min(awayMessages, len(users))]
	for i := range users {
		users[i] += first
	}
	if err := from.command(command{To: users, Interval: awayInterval, Broadcast: true}); err != nil {
		return 0, err
	}
	others := w.connections - 1 - (last - first)
	err = w.generators.await(ctx, maxWait, "messages to users that are away", func(sum answer) bool {
		return sum.Unsent == 0 && sum.Broadcasts == others
	})
	return len(users), err
}

// targets returns the addresses of all nodes but one.
func (w *world) targets(dead int) (all []netip.AddrPort) {
	for i, n := range w.nodes {
		if i != dead {
			all = append(all, n.Addr)
		}
	}
	return slices.Clip(all)
}

func millis(micros int64) float64 { return float64(micros) / 1000 }
