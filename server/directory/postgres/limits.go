package postgres

import "time"

const (
	// connectTimeout bounds a connection attempt: a SYN that is lost is sent again after one second and three.
	connectTimeout = 5 * time.Second

	// A connection is renewed within an hour and a tenth, so that nodes find their way to a database that was moved
	// behind its name; one nobody has used for five minutes is given back, since a storm needs more than a quiet day.
	connectionLife       = time.Hour
	connectionLifeJitter = 6 * time.Minute
	connectionIdle       = 5 * time.Minute
	healthCheck          = 30 * time.Second
	pingTimeout          = time.Second

	// closePatience is how long a connection may take to say good-bye: a node that stops should not be held up by a
	// database that stands still.
	closePatience = time.Second

	// listenPing is how often a listener that hears nothing asks whether anybody is there. A connection that broke
	// without a word is found within listenPing and listenPatience; one that was ended, at once.
	listenPing     = 5 * time.Second
	listenPatience = 3 * time.Second

	// A listener comes back behind firstReconnect, twice as long each time up to lastReconnect, shortened by up to a
	// half at random. The first is short, since revocations are to be heard within a second.
	firstReconnect = 50 * time.Millisecond
	lastReconnect  = 5 * time.Second

	// steadyListener is how long a listener must have been there for its loss to be a new one.
	steadyListener = 10 * time.Second

	// pruneMargin is how long a revocation is kept after its end, for nodes whose clock is behind the one that deletes.
	pruneMargin = 24 * time.Hour

	// describedQueries is how many queries a connection remembers the shape of; we have four.
	describedQueries = 16

	// migrationLock is the advisory lock that migrations run under: "momentum", read as a number.
	migrationLock = 0x6d6f6d656e74756d
)
