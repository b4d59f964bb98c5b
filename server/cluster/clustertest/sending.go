package clustertest

import (
	"slices"
	"sync/atomic"
	"time"

	"momentum/server/cluster"
)

const (
	holdTime  = 3 * time.Second  // for which messages wait while the bus is cut off
	retryTime = 30 * time.Second // after which a message of unknown outcome is given up
)

// sending is the way of a bus's messages to the engine.
type sending struct {
	asked     atomic.Int64       // messages that wait for their turn among the commands
	last      uint64             // number of the last message
	records   map[uint64]outcome // by number: the engine has published the message, and the answer has not come. The engine keeps them
	unsettled []posted           // their answers were lost
	waiting   []posted           // while the bus is cut off
	heldFor   time.Duration      // for which it has been
	deafFor   time.Duration
}

// posted is a message and its number on its bus.
type posted struct {
	cluster.Message
	n uint64
}

// outcome is the outcome of a message of a channel.
type outcome struct {
	to cluster.Channel
	cluster.Outcome
}

// Idle reports whether no message waits for the engine (see cluster.Bus).
func (s *sending) Idle() bool { return s.asked.Load() == 0 }

// Publish queues a message (see cluster.Bus).
func (b *Bus) Publish(m cluster.Message) bool {
	m.JSON, m.Once.ID = slices.Clone(m.JSON), slices.Clone(m.Once.ID)
	b.asked.Add(1)
	b.command(func() {
		b.asked.Add(-1)
		b.last++
		b.post(posted{m, b.last})
	})
	return true
}

func (b *Bus) post(p posted) {
	switch {
	case b.cut && b.State() == cluster.Held:
		b.waiting = append(b.waiting, p)
		if b.engine.Mistakes.AcksEarly && p.Ref != nil {
			b.settle(p, cluster.Outcome{Seq: b.engine.Seq(p.To) + 1, Nodes: 1, Stored: true})
		}
	case b.cut || b.refuses:
		b.giveUp(p)
	default:
		b.pass(p)
	}
}

// pass has the engine publish a message. The answer may get lost.
func (b *Bus) pass(p posted) {
	o := b.engine.publish(&p.Message)
	b.records[p.n] = outcome{p.To, o}
	b.answer(func() {
		delete(b.records, p.n)
		b.settle(p, o)
	}, func() { b.unsettled = append(b.unsettled, p) })
}

// settle tells the node the outcome of a message, if it waits for it.
func (b *Bus) settle(p posted, o cluster.Outcome) {
	if o.Ref = p.Ref; o.Ref != nil {
		b.node.Settled([]cluster.Outcome{o})
	}
}

// giveUp gives a message back that the engine has not got.
func (b *Bus) giveUp(p posted) {
	b.reportLost(p, cluster.Lost{To: p.To, But: p.But, JSON: p.JSON})
}

func (b *Bus) reportLost(p posted, lost cluster.Lost) {
	o := cluster.Outcome{Ref: p.Ref, Err: cluster.ErrUnavailable, Lost: lost}
	b.call(func() { b.node.Settled([]cluster.Outcome{o}) })
}

// resend sends the messages that have waited, and before them those of unknown outcome, unless the engine has published them.
func (b *Bus) resend() {
	unsettled, waiting := b.unsettled, b.waiting
	b.unsettled, b.waiting = nil, nil
	for _, p := range unsettled {
		if r, done := b.records[p.n]; done && !b.engine.Mistakes.RetriesBlindly {
			o := r.Outcome
			b.answer(func() {
				delete(b.records, p.n)
				b.settle(p, o)
			}, func() { b.unsettled = append(b.unsettled, p) })
		} else {
			b.pass(p)
		}
	}
	for _, p := range waiting {
		b.post(p)
	}
}

// passHeld gives up the messages that have waited for too long.
func (b *Bus) passHeld(d time.Duration) {
	b.heldFor += d
	if b.heldFor >= holdTime && b.State() == cluster.Held {
		b.change(cluster.Local, nil)
		waiting := b.waiting
		b.waiting = nil
		for _, p := range waiting {
			b.giveUp(p)
		}
	}
	if b.heldFor >= retryTime {
		unsettled := b.unsettled
		b.unsettled = nil
		for _, p := range unsettled { // it may have been published, so it is not delivered here
			delete(b.records, p.n)
			b.reportLost(p, cluster.Lost{To: p.To, But: p.But})
		}
	}
}
