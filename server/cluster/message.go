package cluster

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// ErrUnavailable means that the bus has not taken the message, and will not: the other nodes cannot be reached.
var ErrUnavailable = errors.New("the other nodes cannot be reached now")

// ErrUnknown means that the channel has no number: the user was nowhere in the cluster within the age of the history, or nobody
// has subscribed to the topic within it. Nothing is kept.
var ErrUnknown = errors.New("nobody has had the channel within the age of the history")

// Message is a message for the bus.
type Message struct {
	To   Channel
	But  uuid.UUID // the user that must not get it; zero: nobody is excluded
	JSON []byte    // the object without its end, which is the number and a brace. The bus copies it
	Once Once      // the zero value: it is published each time
	// Wait is how long it may wait for others that share its way to the other nodes, if messages come close together; 0: it does not wait.
	Wait time.Duration
	// Ref comes back with the outcome. nil: nobody waits for the outcome.
	Ref any
}

// Once identifies a message that may be sent again. A message to the same channel with the same values is published once within
// the age of the history.
type Once struct {
	Sender uuid.UUID
	ID     []byte // as JSON; nil: the message has none. The bus copies it
}

// Outcome says what became of a message. There is one for each message with a Ref, and for each that the bus gives up.
type Outcome struct {
	Ref    any
	Seq    uint64
	Nodes  int   // that have the channel, this one included. Of a message that was published before, as it was then
	Stored bool  // the channel keeps it
	Err    error // ErrUnavailable, ErrUnknown, or nil
	Lost   Lost  // with ErrUnavailable: the message, for delivery on this node
}

// Lost is a message that the bus did not take. Its bytes are valid during the call.
type Lost struct {
	To   Channel
	But  uuid.UUID
	JSON []byte
}

// Delivery is a numbered message of a channel. JSON is valid during the call.
type Delivery struct {
	Channel Channel
	Epoch   Epoch
	Seq     uint64
	But     uuid.UUID
	JSON    []byte
	Sent    time.Time // by the clock of the node that sent it
}

// Arrival asks for a channel.
type Arrival struct {
	Channel Channel
	// After is the number of the last message that the node has of the channel, or None: then the kept messages are not needed.
	After uint64
	// Again means that the node is in the channel already, and lacks older messages than it has.
	Again bool
}

// None as Arrival.After asks for no messages.
const None = ^uint64(0)

// Joined answers an Arrival.
type Joined struct {
	Channel Channel
	Epoch   Epoch
	Seq     uint64     // number of the channel's last message
	Kept    []Delivery // the messages after Arrival.After that are still kept, in order; the last one is Seq
	Bounded bool       // older messages were dropped for the channel's bounds, not for their age
	Err     error      // ErrUnavailable, or nil. The node is then not in the channel
}
