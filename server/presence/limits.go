package presence

import "time"

const (
	// Grace is how long a user may be without a connection and has not left: a page reloads, a phone changes cells.
	Grace = 3 * time.Second

	// OnlineEach is the number of users online up to which each arrival and departure is a message of its own. At 64
	// users, at most 64² frames are sent until all have arrived; above it, N² would be a storm in itself. It also
	// bounds the messages of their own in one interval: thousands of users may leave a few online.
	OnlineEach = 64

	// Interval is the least time between two summaries of arrivals and departures. It grows by as much for each
	// Crowd users online: to send one message to 4,096 users takes some 20 ms, so summaries cost at most 2 % of a
	// core, however many users come and go. In a cluster, the users online are those of all nodes: clients are told no
	// more often than by one node with as many users, and nodes that share a host share the 2 %. What is beyond Interval is
	// up to twice as long, by as much as each node has drawn: the nodes do not all send theirs at the same moment.
	Interval = time.Second

	// Crowd is the number of users online that Interval is for.
	Crowd = 4096

	// Sample bounds the users that a summary names: this many arrivals, and this many departures.
	Sample = 16

	// shardCount is the number of locks: enough that two reactors seldom need the same lock during a storm.
	shardCount = 64

	// entriesAtOnce bounds the entries that are looked at under one hold of a lock: some 25 µs if none of them is in the
	// processor's cache. A tick handles as many departures of each shard, in all 160,000 a second. A node cannot close
	// more, and the ticker, which also wakes the reactors, takes a few milliseconds for them.
	entriesAtOnce = 256

	// fewConnections is up to how many connections of one user are searched one by one: two cache lines.
	fewConnections = 16
)
