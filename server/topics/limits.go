package topics

const (
	// shardCount is the number of locks, so that two reactors seldom want the same one.
	shardCount = 64

	// topicsAtOnce bounds the topics that are looked at under one hold of a lock: some 25 µs.
	topicsAtOnce = 256
)
