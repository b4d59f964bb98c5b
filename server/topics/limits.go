package topics

const (
	// shardCount is the number of locks, so that two reactors seldom want the same one.
	shardCount = 64

	// topicsAtOnce bounds the topics that are looked at under one hold of a lock: some 25 µs.
	topicsAtOnce = 256

	// idlePerShard bounds the topics without subscribers that are kept for the age of the history, 65,536 of all shards: above
	// it the one that has been idle for longest is forgotten. A client could otherwise fill the memory with made-up names.
	idlePerShard = 1024
)
