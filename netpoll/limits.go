package netpoll

import "time"

const (
	// TickLength is the resolution of every deadline. All timeouts are seconds, so a tenth of one is fine enough. A reactor
	// is woken only for the ticks in which it has something to do.
	TickLength = 100 * time.Millisecond

	// FlushTicks limits how long a client may take none of the bytes queued for a closing connection (5 s).
	FlushTicks = 50

	// FlushLimitTicks limits how long all of them may take (30 s). DefaultOutbound's hard limit, 1 MiB, is flushed in that
	// time at 35 kB/s. A client that takes a byte at a time does not keep a buffer and a descriptor for longer.
	FlushLimitTicks = 300

	// LingerTicks limits how long a connection is drained after its write side is shut (1 s). Closing with unread bytes
	// sends a reset, and a reset can make the client lose the refusal or close frame that was sent before it.
	LingerTicks = 10

	// SendBudget is how many sends a handler's Work may make in one turn before the sockets are polled again. At 5 to 10 µs
	// a write a turn takes about 2 ms, so a message to thousands delays the other clients by no more than that at a time.
	SendBudget = 256

	// PostBudget is how many posts one turn may apply: each may cause a write, such as a 101.
	PostBudget = 512

	// sliceLength is after how long a reactor lets another of Go's time slices begin: half of the 10 ms after which Go's monitor
	// would interrupt it, so that a turn of some milliseconds fits in.
	sliceLength = 5 * time.Millisecond

	// backlogBudget is how many of the connections with bytes queued one turn looks at. A look at one that is not in the
	// cache takes some 0.3 µs, so all of them take about 0.3 ms.
	backlogBudget = 1024

	// backlogLapTicks is how many ticks (1 s) a look at all of them may take. FlushTicks and DefaultOutbound's grace are
	// much longer.
	backlogLapTicks = 10

	// StallTicks is a jump of the clock (1 s) after which deadlines wait for one more round of reads.
	StallTicks = 10

	// DeadlineBudget is how many sends the deadlines of one turn may count as. Each may cause a ping or a close frame, which is one.
	DeadlineBudget = SendBudget

	// SlowBudget is how many sends the ends of slow connections may count as in a turn and the reads after it. The close of each is one.
	SlowBudget = SendBudget

	// maxMailboxBytes limits the posts that wait for a reactor that does not keep up. Above it HasRoom says no, and the
	// poster refuses its client's message, so that the node does not run out of memory.
	maxMailboxBytes = 64 << 20

	// mailboxKeepBytes and mailboxKeepPosts limit the memory that an empty mailbox keeps after a burst.
	mailboxKeepBytes = 1 << 20
	mailboxKeepPosts = 1 << 14

	// postBytes is the approximate memory of a post without its body.
	postBytes = 96

	// refusalSlots is how many connections above the socket limit may linger at once, so that their clients can read the
	// refusal. Each costs a descriptor for at most LingerTicks, from the reserve below the descriptor limit.
	refusalSlots = 32

	// readBufferBytes is the size of the buffer that each reactor reads into, and so the most that one read brings.
	readBufferBytes = 64 << 10

	// writeBufferBytes is how much of a connection's queued bytes gnet keeps in a ring before it chains blocks. Only a
	// connection with a full socket has one.
	writeBufferBytes = 16 << 10

	// checkTicks is how often, in ticks, an idle reactor is woken to show that it turns: on the full second, at which
	// heartbeats are sent anyway.
	checkTicks = 10

	// MaxReactors bounds the reactor number in a Handle.
	MaxReactors = 255
)

// Outbound limits the bytes queued in user space for a client that does not read. The kernel's socket buffer fills first
// and is not counted.
type Outbound struct {
	Soft      int    // bytes; above this for longer than GraceTick the connection is slow
	Hard      int    // bytes; a send that would exceed it makes the connection slow at once
	GraceTick uint32 // ticks for which a connection may stay above Soft
}

// DefaultOutbound lets a reader lag by a few seconds of lively chat, as a phone does that changes cells. A client that never
// reads again costs at most 1 MiB.
var DefaultOutbound = Outbound{Soft: 256 << 10, Hard: 1 << 20, GraceTick: 100}
