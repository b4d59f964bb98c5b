package fanout

import "github.com/google/uuid"

// Sink is a member's connection.
type Sink interface {
	comparable
	Member() *Member  // its place in the fan-out, kept with the connection
	User() uuid.UUID  // whose own messages for everybody it does not get
	Compressed() bool // it takes messages in their compressed form
	Send(b []byte)    // writes or copies b at once
	Overflow()        // more is owed to it than may be; it must leave
}

// Member is a connection's place in its reactor's fan-out: 16 bytes of each session. The zero value is no member's.
type Member struct {
	index   int32  // of the member in the list, and one
	segment uint32 // the segment of the log that it has had part or all of
	offset  uint32 // how much of it, in bytes
	queue   int32  // of the queue with what is for this member alone, and one; 0: nothing is
}

// Joined says whether the connection is a member.
func (m *Member) Joined() bool { return m.index != 0 }
