package fanout

const (
	// SegmentBytes limits the bytes that a member gets in one write (with one message more). It is well below the
	// limit on a connection's queue: a member that was idle takes a segment without becoming slow.
	SegmentBytes = 128 << 10

	// visitsOfAFullQueue is how often a full queue is visited to make room for one frame: a visit makes room for a segment.
	visitsOfAFullQueue = 8

	// keepSegments is how many emptied segments a reactor keeps for the next burst.
	keepSegments = 8

	// keepBytes is how much of a buffer is kept after a burst.
	keepBytes = 1 << 20

	// bytesPerSend is how many bytes count as one more send in a turn's budget.
	bytesPerSend = 16 << 10

	// markBytes is the approximate size of one mark in memory.
	markBytes = 32

	// keepQueues and keepQueueBytes limit the queues of single members that are kept for reuse: as many as a turn
	// applies posts, 2 MiB in all.
	keepQueues     = 512
	keepQueueBytes = 4 << 10
)
