// Package clustertest is a bus in memory for tests: an engine that numbers and keeps the messages of all nodes, and the connections
// of the nodes to it, with the faults that a real one has. Nothing happens by itself: Step and Settle run it, so a test decides the
// order.
package clustertest

import (
	"slices"
	"sync"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// Engine is what Redis is for real nodes. It is not safe for concurrent use, except for the calls of nodes.
type Engine struct {
	Kept       int  // messages that each channel keeps
	Apart      bool // nodes that start are not connected at once
	epoch      cluster.Epoch
	channels   map[cluster.Channel]*channel
	once       map[string]cluster.Outcome // of the messages that have an id
	buses      []*Bus
	notices    [][]byte
	residents  residents
	mu         sync.Mutex         // of residents
	Reads      int                // how often kept messages of a channel were read
	Renumbered bool               // some numbers were given twice
	Log        []cluster.Delivery // all messages, except those that were lost
}

// channel is a channel at the engine.
type channel struct {
	seq  uint64
	kept []cluster.Delivery // the last one is seq
}

// New makes an engine without channels.
func New(kept int) *Engine {
	return &Engine{Kept: kept, epoch: 1, channels: make(map[cluster.Channel]*channel), once: make(map[string]cluster.Outcome), residents: make(residents)}
}

// Connect returns the function that joins a node (see server.Options).
func (e *Engine) Connect(n cluster.Node) (cluster.Bus, error) {
	b := &Bus{engine: e, node: n, in: make(map[cluster.Channel]bool), late: make(map[cluster.Channel]bool), state: cluster.Starting}
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
			for b.Step() {
				again, worked = true, true
			}
		}
	}
	return worked
}

// Lose takes the last n messages of all channels back, as a replica does that had not got them, and begins a new epoch. All nodes
// are connected again.
func (e *Engine) Lose(n int) {
	for _, c := range e.channels {
		n := min(n, len(c.kept))
		c.kept = c.kept[:len(c.kept)-n]
		c.seq -= uint64(n)
	}
	e.Log, e.Renumbered = nil, true
	e.NewEpoch()
}

// NewEpoch begins a new epoch without a loss.
func (e *Engine) NewEpoch() {
	e.epoch++
	for _, b := range e.buses {
		b.Cut()
		b.Heal()
	}
}

// Forget forgets a channel, as an engine does that evicts.
func (e *Engine) Forget(c cluster.Channel) { delete(e.channels, c) }

func (e *Engine) publish(m *cluster.Message) (o cluster.Outcome) {
	o = cluster.Outcome{Ref: m.Ref, Stored: e.Kept > 0}
	c := e.channels[m.To]
	if c == nil && m.To.Kind == cluster.Broadcast {
		c = e.open(m.To)
	}
	if c == nil {
		return cluster.Outcome{Ref: m.Ref, Err: cluster.ErrUnknown}
	}
	key := string(m.Once.Sender[:]) + string(m.Once.ID)
	if before, ok := e.once[key]; ok && m.Once.ID != nil {
		before.Ref = m.Ref
		return before
	}
	c.seq++
	o.Seq = c.seq
	d := cluster.Delivery{Channel: m.To, Epoch: e.epoch, Seq: c.seq, But: m.But, JSON: m.JSON}
	e.Log = append(e.Log, d)
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
		c = new(channel)
		e.channels[name] = c
	}
	return c
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
