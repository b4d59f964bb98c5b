// Package clustertest is a bus in memory for tests: an engine that numbers and keeps the messages of all nodes, and the connections
// of the nodes to it, with the faults that a real one has. Nothing happens by itself: Step and Settle run it, so a test decides the
// order.
package clustertest

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// Engine is what Redis is for real nodes. It is not safe for concurrent use, except for the calls of nodes.
type Engine struct {
	Kept     int  // messages that each channel keeps
	Apart    bool // nodes that start are not connected at once
	Mistakes Mistakes
	Now      func() time.Time // its clock, by which notices end; it stands still unless a test sets it
	epoch    cluster.Epoch
	channels map[cluster.Channel]*channel
	created  uint64                      // how many channels were made after others were forgotten
	once     map[receipt]cluster.Outcome // of the messages that have an id
	buses    []*Bus
	notices  notices

	MaxNotices int // that are kept; cluster.MaxNotices unless a test sets it

	mu        sync.Mutex // of these two
	residents residents
	moves     []moved // the last ones
	numbers   int     // of leases
	skipped   bool

	Reads int                // how often kept messages of a channel were read
	Log   []cluster.Delivery // all messages, except those that were lost

	// Published, if set, is called with each message that gets a number, and Lost with those that are lost.
	Published, Lost func(cluster.Delivery)
}

// receipt identifies a message that is published once.
type receipt struct {
	to     cluster.Channel
	sender uuid.UUID
	id     string
}

// channel is a channel at the engine.
type channel struct {
	seq  uint64
	kept []cluster.Delivery // the last one is seq
}

// New makes an engine without channels.
func New(kept int) *Engine {
	return &Engine{Kept: kept, MaxNotices: cluster.MaxNotices, Now: func() time.Time { return time.Time{} }, epoch: 1, channels: make(map[cluster.Channel]*channel), once: make(map[receipt]cluster.Outcome), residents: make(residents)}
}

// Connect returns the function that joins a node (see server.Options).
func (e *Engine) Connect(n cluster.Node) (cluster.Bus, error) {
	b := &Bus{engine: e, node: n, in: make(map[cluster.Channel]bool), late: make(map[cluster.Channel]bool), state: cluster.Starting}
	b.records = make(map[uint64]outcome)
	b.cut = e.Apart
	e.buses = append(e.buses, b)
	if !e.Apart {
		b.Heal()
	}
	return b, nil
}

// Buses returns the connections of the nodes, in the order in which they were made.
func (e *Engine) Buses() []*Bus { return e.buses }

// Settle runs all nodes' connections until nothing is left to do, and reports whether there was anything.
func (e *Engine) Settle() (worked bool) {
	for again := true; again; {
		again = false
		for _, b := range e.buses {
			for !b.ended && !b.Stopped && b.Step() {
				again, worked = true, true
			}
		}
	}
	return worked
}

func (e *Engine) publish(m *cluster.Message) (o cluster.Outcome) {
	o = cluster.Outcome{Ref: m.Ref, Stored: e.Kept > 0}
	c := e.channels[m.To]
	if c == nil && (m.To.Kind == cluster.Broadcast || e.has(m.To)) {
		c = e.open(m.To)
	}
	if c == nil {
		return cluster.Outcome{Ref: m.Ref, Err: cluster.ErrUnknown}
	}
	key := receipt{m.To, m.Once.Sender, string(m.Once.ID)}
	if before, ok := e.once[key]; ok && m.Once.ID != nil {
		before.Ref = m.Ref
		return before
	}
	c.seq++
	o.Seq = c.seq
	d := cluster.Delivery{Channel: m.To, Epoch: e.epoch, Seq: c.seq, But: m.But, JSON: m.JSON}
	e.Log = append(e.Log, d)
	if e.Published != nil {
		e.Published(d)
	}
	c.kept = append(c.kept, d)
	c.kept = c.kept[max(0, len(c.kept)-e.Kept):]
	for _, b := range e.buses {
		if b.in[m.To] {
			o.Nodes++
			b.pushes = append(b.pushes, d)
		}
	}
	if m.Once.ID != nil {
		e.once[key] = o
	}
	return o
}

func (e *Engine) open(name cluster.Channel) *channel {
	c := e.channels[name]
	if c == nil {
		c = &channel{seq: e.created << 17}
		e.channels[name] = c
	}
	return c
}

// has reports whether a node is in a channel.
func (e *Engine) has(c cluster.Channel) bool {
	return slices.ContainsFunc(e.buses, func(b *Bus) bool { return b.in[c] })
}

func (e *Engine) read(a cluster.Arrival) cluster.Joined {
	c := e.open(a.Channel)
	j := cluster.Joined{Channel: a.Channel, Epoch: e.epoch, Seq: c.seq, Bounded: true}
	if a.After != cluster.None {
		i := slices.IndexFunc(c.kept, func(d cluster.Delivery) bool { return d.Seq > a.After })
		if i >= 0 {
			e.Reads++
			j.Kept = c.kept[i:]
		}
	}
	for i := range j.Kept {
		j.Kept[i].Epoch = e.epoch
	}
	return j
}

// Seq returns the number of a channel's last message.
func (e *Engine) Seq(c cluster.Channel) uint64 { return e.open(c).seq }

// Publish publishes a message as another node would.
func (e *Engine) Publish(to cluster.Channel, but uuid.UUID, json string) uint64 {
	return e.publish(&cluster.Message{To: to, But: but, JSON: []byte(json)}).Seq
}
