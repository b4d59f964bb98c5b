package redis

import (
	"strings"
	"sync"

	"momentum/server/cluster"
)

// Limits of the notes that wait.
const (
	notesBytes  = 8 << 20
	notesAtOnce = 64
)

// note is a text for a node, or for all.
type note struct {
	to   cluster.NodeID
	text string // with the sender before it
}

// notes are the notes that wait for the keeper.
type notes struct {
	mu      sync.Mutex
	waiting []note
	bytes   int
}

// add adds a note, or returns false if too much waits.
func (n *notes) add(one note) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	size := len(one.text) + messageBytes
	if n.bytes+size > notesBytes {
		return false
	}
	n.waiting, n.bytes = append(n.waiting, one), n.bytes+size
	return true
}

// take takes some notes, from the beginning.
func (n *notes) take() []note {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.waiting[:min(len(n.waiting), notesAtOnce)]
	for _, one := range taken {
		n.bytes -= len(one.text) + messageBytes
	}
	if n.waiting = n.waiting[len(taken):]; len(n.waiting) == 0 {
		n.waiting = nil
	}
	return taken
}

// noteChannel returns the channel of all nodes, or of one.
func (n *names) noteChannel(to cluster.NodeID) string {
	if to == "" {
		return n.key(0, "ctl")
	}
	return n.key(0, "a:"+string(to))
}

// isNote reports whether a pub/sub channel is for notes.
func (n *names) isNote(channel string) bool {
	rest, _ := n.cut(channel)
	return rest == "ctl" || strings.HasPrefix(rest, "a:")
}

// deliverNote passes a note to the node.
func (i *inbox) deliverNote(text string) {
	from, rest, _ := strings.Cut(text, " ")
	i.node.ReceiveNote(cluster.NodeID(from), bytesOf(rest))
}
