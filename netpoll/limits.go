package netpoll

import "time"

const (
	// TickLength is the resolution of every deadline. A tenth of a second is far finer than any timeout a
	// network deserves. A reactor is woken for the ticks that concern it, and not for the others.
	TickLength = 100 * time.Millisecond

	// FlushTicks bounds how long a closing connection may take nothing of what is queued for it (5 s).
	FlushTicks = 50

	// FlushMostTicks bounds how long it may take all of it (30 s), at whatever pace: DefaultOutbound's most, 1 MiB,
	// gets through at 35 kB/s, and one that takes a byte at a time does not keep a buffer and a descriptor.
	FlushMostTicks = 300

	// LingerTicks bounds how long a connection whose write side is shut is drained (1 s): closing with unread
	// bytes sends a reset, and a reset can overtake the refusal or close frame in front of it.
	LingerTicks = 10

	// SendBudget is how many sends one turn may spend on fan-out before the sockets are polled again. At
	// 5 to 10 µs a write this keeps a turn near 2 ms, which bounds what a fan-out to thousands adds to
	// everybody else's latency.
	SendBudget = 256

	// PostBudget is how many posts one turn may apply: each may be a write, of a direct message or a 101.
	PostBudget = 512

	// stallTicks is a jump of the clock (1 s) behind which deadlines wait for one more round of reads.
	stallTicks = 10

	// DeadlineBudget is how many deadlines one turn may fire: each may be a ping or a close, which is a send.
	DeadlineBudget = SendBudget

	// maxMailboxBytes bounds what others may post to a reactor that does not keep up. Above it HasRoom says no, and the
	// poster tells its own client, instead of the node dying of memory.
	maxMailboxBytes = 64 << 20

	// mailboxKeepBytes and mailboxKeepPosts are how much of a mailbox survives a burst.
	mailboxKeepBytes = 1 << 20
	mailboxKeepPosts = 1 << 14

	// postBytes is about what a post takes beside its body.
	postBytes = 96

	// overflowSlots is how many connections beyond the cap may linger at once to read their refusal. Each
	// costs a descriptor for at most LingerTicks; they come out of the reserve below the descriptor limit.
	overflowSlots = 32

	// readBufferBytes is the buffer each reactor reads into: one read takes what a socket has, up to this.
	readBufferBytes = 64 << 10

	// writeBufferBytes is how much of a connection's backlog gnet keeps in a ring before it chains blocks.
	// Only a connection whose socket is full has one.
	writeBufferBytes = 16 << 10

	// checkTicks is how often, in ticks, a reactor that has nothing to do is woken to show that it turns: on the second,
	// where heartbeats go out anyway.
	checkTicks = 10

	// MaxReactors bounds the reactor number in a Handle.
	MaxReactors = 255
)

// Outbound bounds what may be queued in user space for a connection that does not read. The kernel's own
// socket buffer comes before it and is not counted.
type Outbound struct {
	Soft      int    // bytes; more than this for longer than Grace and the connection is slow
	Hard      int    // bytes; a send that would pass it makes the connection slow at once
	GraceTick uint32 // ticks a connection may stay above Soft
}

// DefaultOutbound lets a reader fall behind by a few seconds of lively chat, as a phone changing cells does,
// and costs at most 1 MiB for one that never comes back.
var DefaultOutbound = Outbound{Soft: 256 << 10, Hard: 1 << 20, GraceTick: 100}
