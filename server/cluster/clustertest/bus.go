package clustertest

import (
	"slices"
	"sync"

	"momentum/server/cluster"
)

// Bus is the connection of one node. The node's goroutines may call the methods of cluster.Bus; the others belong to the test.
type Bus struct {
	engine *Engine
	node   cluster.Node

	mu       sync.Mutex
	commands []func()
	state    cluster.State

	in      map[cluster.Channel]bool
	pushes  []cluster.Delivery // on the connection for subscriptions
	upcalls []func()           // on the connection for commands, and changes
	notes   []told
	cut     bool
	refuses bool // joins and messages
	late    map[cluster.Channel]bool
	expired bool
	later   []cluster.Move
	Deaf    bool // pushes are lost
	// RefuseJoins is how many joins are refused, as by a bus that has too much to do.
	RefuseJoins int
}

// Publish queues a message (see cluster.Bus).
func (b *Bus) Publish(m cluster.Message) bool {
	m.JSON, m.Once.ID = slices.Clone(m.JSON), slices.Clone(m.Once.ID)
	b.command(func() {
		if b.cut || b.refuses {
			o := cluster.Outcome{Ref: m.Ref, Err: cluster.ErrUnavailable, Lost: cluster.Lost{To: m.To, But: m.But, JSON: m.JSON}}
			b.upcalls = append(b.upcalls, func() { b.node.Settled([]cluster.Outcome{o}) })
			return
		}
		if o := b.engine.publish(&m); o.Ref != nil {
			b.upcalls = append(b.upcalls, func() { b.node.Settled([]cluster.Outcome{o}) })
		}
	})
	return true
}

// Join asks for a channel (see cluster.Bus).
func (b *Bus) Join(a cluster.Arrival) {
	b.command(func() { b.in[a.Channel] = b.in[a.Channel] || !b.cut && !b.refuses })
	b.command(func() {
		j := cluster.Joined{Channel: a.Channel, Err: cluster.ErrUnavailable}
		switch {
		case b.late[a.Channel]:
			delete(b.late, a.Channel)
			delete(b.in, a.Channel)
		case b.RefuseJoins > 0:
			b.RefuseJoins--
			delete(b.in, a.Channel)
		case b.in[a.Channel] && !b.refuses:
			j = b.engine.read(a)
		}
		b.upcalls = append(b.upcalls, func() { b.node.Joined([]cluster.Joined{j}) })
	})
}

// Leave ends a membership (see cluster.Bus).
func (b *Bus) Leave(c cluster.Channel) { b.command(func() { delete(b.in, c) }) }

// Partition returns 0 (see cluster.Bus).
func (b *Bus) Partition(cluster.Channel) int { return 0 }

// State returns the state (see cluster.Bus).
func (b *Bus) State() cluster.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// Has reports whether the node is in a channel.
func (b *Bus) Has(c cluster.Channel) bool { return b.in[c] }

func (b *Bus) command(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commands = append(b.commands, do)
}

// Step makes one thing happen: what the node asked for first, or else one call of the node. To join takes two steps: the
// subscription, and the reading. It returns false if there is nothing.
func (b *Bus) Step() bool { return b.StepCommand() || b.StepUpcall() || b.StepPush() || b.StepNote() }

// StepCommand carries out what the node has asked for first.
func (b *Bus) StepCommand() bool {
	b.mu.Lock()
	if len(b.commands) == 0 {
		b.mu.Unlock()
		return false
	}
	do := b.commands[0]
	b.commands = b.commands[1:]
	b.mu.Unlock()
	do()
	return true
}

// StepUpcall passes on the oldest answer.
func (b *Bus) StepUpcall() bool {
	if len(b.upcalls) == 0 {
		return false
	}
	do := b.upcalls[0]
	b.upcalls = b.upcalls[1:]
	do()
	return true
}

// StepPush delivers the oldest message.
func (b *Bus) StepPush() bool {
	if len(b.pushes) == 0 {
		return false
	}
	d := b.pushes[0]
	b.pushes = b.pushes[1:]
	if !b.Deaf {
		b.node.Deliver([]cluster.Delivery{d})
	}
	return true
}

// Cut cuts the node off. What was on its way to it is lost.
func (b *Bus) Cut() {
	b.cut, b.pushes, b.notes = true, nil, nil
	clear(b.in)
	b.change(cluster.Local, nil)
}

// Heal connects the node again. What was on its way to it is lost.
func (b *Bus) Heal() { b.attach(cluster.Healthy) }

// Attach connects the node, whose bus has to prove yet that it works: Accept follows.
func (b *Bus) Attach() { b.attach(b.State()) }

func (b *Bus) attach(s cluster.State) {
	b.cut, b.expired, b.pushes, b.notes = false, false, nil, nil
	clear(b.in)
	if texts := slices.Clone(b.engine.notices); len(texts) > 0 {
		b.upcalls = append(b.upcalls, func() { b.node.Noticed(texts) })
	}
	b.change(s, []cluster.Epoch{b.engine.epoch})
	b.catchUp()
}

// RefuseOnce has the next join of a channel fail, as one does for which the time is over.
func (b *Bus) RefuseOnce(c cluster.Channel) { b.late[c] = true }

// Refuse has the bus refuse joins and messages, as Redis does while its memory is full. The node stays in its channels.
func (b *Bus) Refuse() {
	b.refuses = true
	b.change(cluster.Local, nil)
}

// Accept ends what Refuse began.
func (b *Bus) Accept() {
	b.refuses = false
	b.change(cluster.Healthy, nil)
}

func (b *Bus) change(s cluster.State, epochs []cluster.Epoch) {
	b.mu.Lock()
	b.state = s
	b.mu.Unlock()
	b.upcalls = append(b.upcalls, func() { b.node.Changed(s, epochs) })
}
