package fanout

const (
	// SegmentBytes limits the bytes that a member gets in one write (with one message more). It is well below the
	// limit on a connection's queue: a member that was idle takes a segment without becoming slow.
	SegmentBytes = 128 << 10

	// visitsOfAFullQueue is how often a full queue is visited to make room for one frame: a visit makes room for a segment.
	visitsOfAFullQueue = 8

	// keepSegments is how many large emptied segments a reactor keeps for the next burst, and keepSmall how many that have
	// at most smallSegment bytes: enough for a thousand topics with a message each, 4 MiB in all.
	keepSegments = 8
	keepSmall    = 1024
	smallSegment = 4 << 10

	// keepBytes is how much of a buffer is kept after a burst.
	keepBytes = 1 << 20

	// unitsPerSend divides a turn's budget: a member that has got the segment already costs a unit, since it takes a look
	// at its position, some 20 ns, where a send takes microseconds.
	unitsPerSend = 16

	// bytesPerSend is how many bytes count as one more send in a turn's budget.
	bytesPerSend = 16 << 10
	bytesPerUnit = bytesPerSend / unitsPerSend

	// leastShare is how many units a topic gets in a turn, if there are enough for all: 64 sends, so that most topics
	// need one turn.
	leastShare = 64 * unitsPerSend

	// markBytes is the approximate size of one mark in memory.
	markBytes = 32

	// keepQueues and keepQueueBytes limit the queues of single members that are kept for reuse: as many as a turn
	// applies posts, 2 MiB in all.
	keepQueues     = 512
	keepQueueBytes = 4 << 10

	// slabChunk is how many topics or subscriptions one allocation holds: 12 KiB of subscriptions, 56 KiB of topics. With the first
	// member that has many subscriptions come 32 KiB.
	slabChunk = 1024
)
