package cluster

import "time"

// JoinPatience is the longest time from Join to Joined: less than a handshake may take.
const JoinPatience = 2 * time.Second

// Bus connects a node with the others. Any goroutine may call it, and no call waits: reactors call it.
type Bus interface {
	// Publish queues a message, or returns false if too much waits already. The messages of one goroutine are published in the
	// order of the calls. Settled follows if the message has a Ref, or if the bus gives it up.
	Publish(m Message) bool
	// Idle reports whether no message waits or is on its way. Then the next one leaves as soon as a goroutine of the bus runs.
	Idle() bool
	// Join asks for a channel. Joined answers within JoinPatience, with an error if the bus cannot be reached; from then on until Leave, Deliver gets all
	// messages of the channel, each at least once, in order, and without a gap unless Changed reports a loss. Deliver may get some
	// before Joined.
	Join(a Arrival)
	// Leave ends the node's membership of a channel. Joins and Leaves of one channel take effect in the order of the calls.
	Leave(c Channel)
	// Partition returns the index of a channel's epoch among those that Changed reports. It is always the same.
	Partition(c Channel) int
	// State returns the state of the bus.
	State() State
	// Nodes returns the nodes of the cluster, this one first, as the bus last knew them. The caller must not change the list.
	Nodes() []Peer
	// SendNote sends a text to a node; to "": to all nodes, including this one. It returns false if the text is too long, too much
	// waits, or the bus is not connected. The text may still be lost. The texts of one goroutine arrive in order. The bus copies it.
	SendNote(to NodeID, text []byte) bool
	// Move reports that a user has come to this node or left it. If the user has thereby come to the cluster or left it, Moved is
	// called on one node: once, or more often if the bus was cut off. Of several moves of a user the last one counts.
	Move(m Move)
	// Online returns how many users are online in the cluster, and how much larger the sum over all nodes is, because some users are
	// on several. Both are as the bus last knew them.
	Online() (users, doubles int)
	// Keep keeps a notice for nodes that are connected later, and calls done with the outcome, which may be ErrUnavailable, from a
	// goroutine of the bus. It drops those that the notice makes void first, so that there is room if it has one of them. The nodes that are
	// connected now are not told. The bus copies the text.
	Keep(n Notice, done func(error))
}

// Node is what a bus calls. The calls come one at a time, from one goroutine of the bus. They must not wait for the bus.
type Node interface {
	Deliver(d []Delivery)
	Joined(j []Joined)
	Settled(o []Outcome)
	// Changed is called after a change of the state, and after the end of a connection, even if the state is still the same. If there
	// are epochs, the bus was connected again: the node is in no channel any more, and has to Join all its channels. The epochs, by
	// partition, are valid from now on. The node keeps the slice.
	Changed(s State, epochs []Epoch)
	// ReceiveNote gets a text that a node has sent with SendNote. It is valid during the call.
	ReceiveNote(from NodeID, text []byte)
	// Moved gets users that have come to the cluster or left it. This node has to tell all nodes.
	Moved(m []Move)
	// Enroll asks for a Move of each user here, with Again.
	Enroll()
	// Noticed gets the notices that are kept, each time the bus was connected, before Changed says so. If some are missing that the node
	// knows, the bus has lost them: the node has to Keep them again. The texts are valid during the call.
	Noticed(texts [][]byte)
	// Describe returns the description of this node for the others. Unlike the others, any goroutine may call it, at
	// any time.
	Describe() Info
}

// State is the state of a bus.
type State uint8

// The states of a bus.
const (
	Starting State = iota // it has not been reached yet
	Healthy
	Slow  // a batch or the canary is late
	Held  // it cannot be reached: messages wait for it, for a short time
	Local // it has not been reached for longer: messages are refused with ErrUnavailable
)

// String returns the state as administrators see it.
func (s State) String() string {
	return [...]string{"starting", "healthy", "slow", "held", "local"}[s]
}
