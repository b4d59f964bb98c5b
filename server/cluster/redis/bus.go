package redis

import (
	"context"
	"hash/crc32"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"momentum/internal/alarm"
	"momentum/server/cluster"
)

// Bus is a cluster.Bus on Redis.
type Bus struct {
	options   Options
	node      string // a random name, of each start
	outbox    *outbox
	alarm     *alarm.Alarm // wakes the writer
	inbox     *inbox
	joins     *joins
	keeper    *keeper
	wake      chan struct{} // the supervisor's
	closing   chan struct{}
	done      sync.WaitGroup
	epochs    atomic.Pointer[attachment] // the present one or the last one
	batchFrom atomic.Pointer[time.Time]  // when the batch under way was sent; nil: there is none
	figures   figures

	mu         sync.Mutex
	attachment *attachment // nil: there is none
	candidate  *attachment // the latest one, attached or not
	state      cluster.State
	closed     bool
}

var _ cluster.Bus = (*Bus)(nil)

// New makes a bus and starts it. It returns an error if the options are wrong, not if Redis cannot be reached. The node is called
// from then on.
func New(o Options) (*Bus, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	t, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	secure, err := t.tls()
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(o.Seed, uint64(crc32.ChecksumIEEE([]byte(o.NodeName)))))
	b := &Bus{
		options: o, node: strconv.FormatUint(random.Uint64(), 36),
		outbox: newOutbox(outboxBytes), inbox: newInbox(o.Node, inboxBytes), joins: newJoins(),
		wake: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	if b.alarm, err = alarm.New(b.outbox.ring); err != nil {
		return nil, err
	}
	b.outbox.later = b.alarm.Set
	b.keeper = newKeeper(&b.options, b.node, func() *attachment { a, _ := b.current(); return a },
		func(f func(cluster.Node)) { b.inbox.call(0, f) })
	b.inbox.names = func() *names { return b.epochs.Load().names } // there is an attachment before there are messages
	b.inbox.lost = b.lose
	w := newWriter(b)
	c := &connector{bus: b, random: random, interval: sentinelInterval, dialer: dialer{target: &t, tls: secure, name: o.NodeName}}
	for _, run := range []func(){c.run, b.supervise, w.run, b.join, b.keeper.run, b.inbox.run} {
		b.done.Go(run)
	}
	return b, nil
}

// lose counts and logs a message that cannot be read.
func (b *Bus) lose(err error) {
	b.figures.unread.Add(1)
	b.options.Log.Error("a message of Redis cannot be read", "error", err)
}

// Publish implements cluster.Bus.
func (b *Bus) Publish(m cluster.Message) bool {
	ok := b.outbox.add(m, b.options.Now())
	if !ok {
		b.figures.refused.Add(1)
	}
	return ok
}

// Idle implements cluster.Bus.
func (b *Bus) Idle() bool { return b.outbox.size() == 0 }

// Join implements cluster.Bus.
func (b *Bus) Join(a cluster.Arrival) { b.joins.add(request{arrival: a, asked: b.options.Now()}) }

// Leave implements cluster.Bus.
func (b *Bus) Leave(c cluster.Channel) {
	b.joins.add(request{arrival: cluster.Arrival{Channel: c}, leave: true})
}

// Partition implements cluster.Bus.
func (b *Bus) Partition(c cluster.Channel) int {
	if a := b.epochs.Load(); a != nil {
		return a.names.partition(c)
	}
	return 0
}

// EpochOf returns the present epoch of a channel; 0 before Redis was reached.
func (b *Bus) EpochOf(c cluster.Channel) cluster.Epoch {
	if a := b.epochs.Load(); a != nil {
		return a.epochs[a.names.partition(c)].id
	}
	return 0
}

// State implements cluster.Bus.
func (b *Bus) State() cluster.State {
	_, state := b.current()
	return state
}

func (b *Bus) current() (*attachment, cluster.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.attachment, b.state
}

// opened returns the attachment that is being made; nil: there is none.
func (b *Bus) opened() *attachment {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.attachment != nil {
		return nil
	}
	return b.candidate
}

func (b *Bus) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

// Figures returns the figures.
func (b *Bus) Figures() Figures {
	f := b.figures.read()
	f.State, f.OutboxBytes, f.InboxBytes = b.State(), b.outbox.size(), b.inbox.size()
	f.OutboxLimit, f.InboxLimit = outboxBytes, inboxBytes
	if a := b.epochs.Load(); a != nil {
		for _, l := range a.links {
			f.CanaryTravel = max(f.CanaryTravel, l.canary.lastLatency())
		}
	}
	return f
}

// Flush waits until Redis has taken all messages that were published, or the bus has given them up, and until the node is out of the
// channels that it has left: only then do their counters expire. It returns the context's error.
func (b *Bus) Flush(ctx context.Context) error {
	left := b.joins.empty()
	if a, _ := b.current(); a == nil {
		b.joins.abandon()
	}
	for _, done := range []<-chan struct{}{b.outbox.empty(), left} {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Close ends the bus and its goroutines. Messages that wait are dropped, and the node is not called any more once Close has
// returned. The node must not call it from one of the bus's calls.
func (b *Bus) Close() {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.closed = true
	a := b.candidate
	b.mu.Unlock()
	b.keeper.stop()
	close(b.closing)
	if a != nil {
		a.end(errOver)
	}
	b.outbox.close()
	b.inbox.close()
	b.done.Wait()
	_ = b.alarm.Close()
}
