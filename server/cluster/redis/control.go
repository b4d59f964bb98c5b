package redis

import (
	"slices"
	"strconv"

	"momentum/server/cluster"
)

// Nodes implements cluster.Bus.
func (b *Bus) Nodes() []cluster.Peer {
	if list := b.keeper.nodes.Load(); list != nil {
		return *list
	}
	return []cluster.Peer{{ID: cluster.NodeID(b.node), Info: b.options.Node.Describe()}}
}

// SendNote implements cluster.Bus.
func (b *Bus) SendNote(to cluster.NodeID, text []byte) bool {
	if a, _ := b.current(); a == nil || len(text) > cluster.MaxNoteBytes {
		return false
	}
	ok := b.keeper.notes.add(note{to, string(slices.Concat([]byte(b.node), []byte(" "), text))})
	wake(b.keeper.wake)
	return ok
}

// Keep implements cluster.Bus.
func (b *Bus) Keep(n cluster.Notice, done func(error)) {
	one := keep{text: string(n.Text), until: "inf", void: n.Void, done: done}
	if n.Until != 0 {
		one.until = strconv.FormatInt(n.Until, 10)
	}
	if a, _ := b.current(); a == nil || !b.keeper.kept.add(one) {
		go done(cluster.ErrUnavailable)
		return
	}
	wake(b.keeper.wake)
}

// Move implements cluster.Bus.
func (b *Bus) Move(m cluster.Move) {
	if b.keeper.directory.moves.add(m) {
		wake(b.keeper.wake)
	}
}

// Online implements cluster.Bus.
func (b *Bus) Online() (users, doubles int) {
	d := &b.keeper.directory
	return int(d.online.Load()), int(d.double.Load())
}
