package cluster

import "time"

// JoinPatience is the longest time from Join to Joined: less than a handshake may take.
const JoinPatience = 2 * time.Second

// Bus connects a node with the others. Any goroutine may call it, and no call waits: reactors call it.
type Bus interface {
	// Publish queues a message, or returns false if too much waits already. The messages of one goroutine are published in the
	// order of the calls. Settled follows if the message has a Ref, or if the bus gives it up.
	Publish(m Message) bool
	// Join asks for a channel. Joined answers within JoinPatience, with an error if the bus cannot be reached; from then on until Leave, Deliver gets all
	// messages of the channel, each at least once, in order, and without a gap unless Changed reports a loss. Deliver may get some
	// before Joined.
	Join(a Arrival)
	// Leave ends the node's membership of a channel. Joins and Leaves of one channel take effect in the order of the calls.
	Leave(c Channel)
	// EpochOf returns the present epoch of a channel; 0 before the bus was ever reached.
	EpochOf(c Channel) Epoch
	// State returns how the bus is.
	State() State
}

// Node is what a bus calls. The calls come one at a time, from one goroutine of the bus. They must not wait for the bus.
type Node interface {
	Deliver(d []Delivery)
	Joined(j []Joined)
	Settled(o []Outcome)
	// Changed follows a change of the state. If rejoin is set, the bus was connected again: the node is in no channel any more,
	// the epochs may be others, and the node has to Join all its channels.
	Changed(s State, rejoin bool)
}

// State is how a bus is.
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
