package fanout

import "github.com/google/uuid"

// Sink is a member's connection.
type Sink interface {
	comparable
	Member() *Member             // its place in the fan-out, kept with the connection
	User() uuid.UUID             // messages of this user for many are not sent to it
	Compressed() bool            // it takes messages in their compressed form
	Send(b []byte, messages int) // writes or copies b at once
	Overflow()                   // the member has more pending than is allowed; it must leave
}

// Member is a connection's place in its reactor's fan-out: 16 bytes of each session. The zero value belongs to no
// member.
type Member struct {
	index         int32  // index of the member in the list, plus one
	order         uint32 // number of the last post that was sent to it, or was not for it
	queue         int32  // index of the queue of messages for this member alone, plus one; 0: none
	subscriptions int32  // the head of its subscriptions; 0: none
}

// Joined reports whether the connection is a member.
func (m *Member) Joined() bool { return m.index != 0 }
