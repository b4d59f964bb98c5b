package clustertest

import (
	"fmt"
	"slices"

	"momentum/server/cluster"
)

// note is a text on its way to a node.
type note struct {
	from cluster.NodeID
	text []byte
}

// id returns the node's id: n0, n1 and so on.
func (b *Bus) id() cluster.NodeID {
	return cluster.NodeID(fmt.Sprint("n", slices.Index(b.engine.buses, b)))
}

// Nodes returns the nodes, this one first (see cluster.Bus). A node that was cut off is there until the test calls Expire.
func (b *Bus) Nodes() (list []cluster.Peer) {
	for _, one := range b.engine.buses {
		switch p := (cluster.Peer{ID: one.id(), Info: one.node.Describe()}); {
		case one == b:
			list = slices.Insert(list, 0, p)
		case !one.expired:
			list = append(list, p)
		}
	}
	return list
}

// SendNote sends a text (see cluster.Bus).
func (b *Bus) SendNote(to cluster.NodeID, text []byte) bool {
	if b.State() != cluster.Healthy {
		return false
	}
	text = slices.Clone(text)
	b.command(func() {
		for _, one := range b.engine.buses {
			if !b.cut && !one.cut && (to == "" || to == one.id()) {
				one.notes = append(one.notes, note{b.id(), text})
			}
		}
	})
	return true
}

// Keep keeps a notice (see cluster.Bus).
func (b *Bus) Keep(n cluster.Notice, done func(error)) {
	n.Text = slices.Clone(n.Text)
	b.command(func() {
		if b.cut {
			done(cluster.ErrUnavailable)
			return
		}
		if b.engine.Mistakes.ForgetsNotices {
			done(nil)
			return
		}
		done(b.engine.notices.keep(n, b.engine.Now(), b.engine.MaxNotices))
	})
}

// HasNotices reports whether notices are kept.
func (e *Engine) HasNotices() bool { return len(e.notices) > 0 }

// StepNote passes the oldest text on.
func (b *Bus) StepNote() bool {
	if len(b.notes) == 0 {
		return false
	}
	n := b.notes[0]
	b.notes = b.notes[1:]
	if !b.Deaf {
		b.node.ReceiveNote(n.from, n.text)
	}
	return true
}
