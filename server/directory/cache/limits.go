package cache

import "time"

const (
	// DefaultSize is how many users are remembered. A host serves some hundred thousand connections; when a fleet of
	// that size reconnects, all its users should be in memory. A user takes some 190 bytes (BenchmarkFull), all of
	// them 50 MB.
	DefaultSize = 1 << 18

	// DefaultTTL is how long an active user is remembered as active. The database announces changes, so it matters
	// only while announcements do not arrive: for so long a deactivated user may come back, and a remembered user
	// needs no database.
	DefaultTTL = 5 * time.Minute

	// refusedTTL is how long it is remembered that a user may not connect. A client that tries again every second
	// then costs one lookup in ten tries. A user that was just added to a table that announces nothing waits no
	// longer.
	refusedTTL = 10 * time.Second

	// ttlJitter is the part of a TTL that is random, so that a fleet whose users were looked up together is not
	// looked up together again.
	ttlJitter = 5 // a fifth

	// shardCount spreads users over locks, so that two reactors seldom wait for the same one. A power of two, for
	// the mask.
	shardCount = 64

	// evictionSteps bounds how many entries are looked at to make room for one, since a lock is held meanwhile.
	evictionSteps = 16

	// MaxBatch is how many users one query asks for: 16 KB of ids, some milliseconds of an index.
	MaxBatch = 1000

	// DefaultQueries is how many queries are under way at once. Two keep the database busy while one's answers are
	// given out; more would only make the batches smaller.
	DefaultQueries = 2

	// calmWindow is how long the first lookup of a batch waits for others: less than a handshake's packets take to
	// the next town. While lookups come at stormFrom in a stormWindow (800 a second) or faster, it waits for
	// stormWindow instead: at most 25 queries a second, however large the storm. A lookup that comes a stormWindow
	// after the last query waits for calmWindow again.
	calmWindow  = 5 * time.Millisecond
	stormWindow = 40 * time.Millisecond
	stormFrom   = 32

	// maxWaiting bounds the lookups that wait. It is four times the handshakes that a node takes in a second of a
	// storm. More mean that the database is too slow, and further lookups are answered with ErrFull at once.
	maxWaiting = 1 << 16

	// DefaultTimeout is how long a query may take. A thousand lookups by primary key take milliseconds.
	DefaultTimeout = 2 * time.Second

	// After a failure the source is not asked for firstBackoff, after the next for twice as long, up to lastBackoff,
	// each shortened by up to a half at random. One query in some seconds is no load for a database that is starting,
	// and lastBackoff is within the time that a handshake has.
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 2 * time.Second
)
