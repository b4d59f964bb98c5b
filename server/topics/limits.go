package topics

const (
	// shardCount is the number of locks, so that two reactors seldom want the same one.
	shardCount = 64

	// topicsAtOnce bounds the topics that are looked at under one hold of a lock: some 25 µs.
	topicsAtOnce = 256

	// auditedAtOnce bounds the topics that an audit compares under one hold: with 64 reactors a look-up for each, 0.1 ms.
	auditedAtOnce = 32

	// idlePerShard bounds the topics without subscribers that are kept for the age of the history, 65,536 of all shards: above
	// it the one that has been idle for longest is forgotten. A client could otherwise fill the memory with made-up names.
	idlePerShard = 1024

	// roomShare and occupantShare are as how many more subscriptions a topic's room, and each subscription of such a topic,
	// count for the limit. A subscription takes some 30 bytes; a room with its first user takes some 800, and each further user 180.
	roomShare     = 32
	occupantShare = 6

	// roomsAtOnce bounds the rooms of a shard that a tick looks at, 4,096 of all shards at some 0.3 µs each. Up to 40,960
	// topics with presence, each is looked at once a second at least; with more, departures are announced later.
	roomsAtOnce = 64
)
