package clustertest

import (
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
	upcalls []upcall           // on the connection for commands, and changes
	notes   []note
	cut     bool
	refuses bool // joins and messages
	late    map[cluster.Channel]bool

	subscribing []func() // by a bus that joins early, when time passes
	later       []cluster.Move
	sending
	lease
	Deaf bool // pushes are lost
	// RefuseJoins is how many joins are refused, as by a bus that has too much to do.
	RefuseJoins int
	Joins       int // how often the node has asked for a channel
}

// Join asks for a channel (see cluster.Bus).
func (b *Bus) Join(a cluster.Arrival) {
	subscribe := func() { b.in[a.Channel] = b.in[a.Channel] || !b.cut && !b.refuses }
	if b.engine.Mistakes.JoinsEarly {
		b.command(func() {
			b.read(a, !b.cut && !b.refuses)
			b.subscribing = append(b.subscribing, subscribe)
		})
		return
	}
	b.command(subscribe)
	b.command(func() { b.read(a, b.in[a.Channel] && !b.refuses) })
}

// read answers an Arrival. The node is in the channel if it could subscribe.
func (b *Bus) read(a cluster.Arrival, in bool) {
	b.Joins++
	failed := cluster.Joined{Channel: a.Channel, Err: cluster.ErrUnavailable}
	j := failed
	switch {
	case b.late[a.Channel]:
		delete(b.late, a.Channel)
		delete(b.in, a.Channel)
	case b.RefuseJoins > 0:
		b.RefuseJoins--
		delete(b.in, a.Channel)
	case in:
		j = b.engine.read(a)
	}
	b.answer(func() { b.node.Joined([]cluster.Joined{j}) }, func() { b.call(func() { b.node.Joined([]cluster.Joined{failed}) }) })
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

// Commands returns how many things a node has asked for that are not carried out yet.
func Commands(b *Bus) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.commands)
}

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
	do := b.upcalls[0].do
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

// upcall is a call of the node.
type upcall struct {
	do   func()
	lost func() // is done instead if the connection breaks before the answer has come; nil: the call is no answer
}

// call calls the node later.
func (b *Bus) call(do func()) { b.answer(do, nil) }

func (b *Bus) answer(do, lost func()) { b.upcalls = append(b.upcalls, upcall{do, lost}) }

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
	b.call(func() { b.node.Changed(s, epochs) })
}
