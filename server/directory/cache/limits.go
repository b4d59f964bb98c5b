package cache

import "time"

const (
	// DefaultSize is how many users are remembered. A host serves some hundred thousand connections; a fleet of that
	// size that comes back should be known. One takes some 190 bytes (BenchmarkFull), so all of them 50 MB.
	DefaultSize = 1 << 18

	// DefaultTTL is how long somebody who may connect is taken to be so. The database tells of changes, so this only
	// matters while it cannot be heard: for so long somebody who was shut out meanwhile may come back, and somebody
	// who was here lately needs no database.
	DefaultTTL = 5 * time.Minute

	// refusedTTL is how long somebody who may not connect is taken not to. A client that tries again every second
	// costs a question in ten; somebody who was just added, where nothing tells of it, waits no longer.
	refusedTTL = 10 * time.Second

	// ttlJitter is the part of a TTL that is left to chance, so that a fleet that was asked for at once does not
	// have to be asked for at once again.
	ttlJitter = 5 // a fifth

	// shardCount spreads users over locks, so that two reactors seldom meet at one. A power of two, for the mask.
	shardCount = 64

	// evictionSteps bounds how many entries are looked at to make room for one, since a lock is held meanwhile.
	evictionSteps = 16

	// MaxBatch is how many users one query asks for: 16 KB of ids, some milliseconds of an index.
	MaxBatch = 1000

	// DefaultFlights is how many queries are under way at once. Two keep the database busy while one's answers are
	// given out; more would only make the batches smaller.
	DefaultFlights = 2

	// calmWindow is how long the first who asks waits for company: less than what a handshake's packets take to the
	// next town. While as many ask as make stormFrom in a stormWindow (800 a second), it is stormWindow: 25 queries a
	// second, whatever the storm. Who comes a stormWindow behind the last batch finds it calm again.
	calmWindow  = 5 * time.Millisecond
	stormWindow = 40 * time.Millisecond
	stormFrom   = 32

	// maxWaiting bounds the questions that wait. Four times what a node takes in a second of storm; more than that
	// means that the database is behind, and who comes on top is told so at once.
	maxWaiting = 1 << 16

	// DefaultTimeout is how long a query may take. A thousand look-ups by primary key take milliseconds.
	DefaultTimeout = 2 * time.Second

	// Behind a failure the source is left alone for firstBackoff, twice as long behind the next, up to lastBackoff,
	// each shortened by up to a half at random. One query in some seconds is no load for a database that comes up,
	// and lastBackoff is within the time that a handshake has.
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 2 * time.Second
)
