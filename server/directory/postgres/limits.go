package postgres

import "time"

const (
	// connectTimeout bounds a connection attempt: a SYN that is lost is sent again after one second and three.
	connectTimeout = 5 * time.Second

	// A connection is renewed after at most an hour and a tenth, so that nodes follow a database whose name points to
	// another address. It is closed after five unused minutes, because a quiet day needs fewer connections than a
	// storm.
	connectionLife       = time.Hour
	connectionLifeJitter = 6 * time.Minute
	connectionIdle       = 5 * time.Minute
	healthCheck          = 30 * time.Second
	pingTimeout          = time.Second

	// closePatience is how long closing a connection may take: a database that hangs must not delay a node's stop.
	closePatience = time.Second

	// listenPing is how often a listener that receives nothing sends a query. A connection that broke silently is
	// found within listenPing and listenPatience; one that was closed, at once.
	listenPing     = 5 * time.Second
	listenPatience = 3 * time.Second

	// A listener reconnects after firstReconnect, then after twice as long each time, up to lastReconnect, shortened
	// by up to a half at random. The first pause is short, since revocations must arrive within a second.
	firstReconnect = 50 * time.Millisecond
	lastReconnect  = 5 * time.Second

	// steadyListener is how long a listener must have been connected for the pauses to begin anew when it is lost.
	steadyListener = 10 * time.Second

	// pruneMargin is how long a revocation is kept after its end, for nodes whose clock is slow.
	pruneMargin = 24 * time.Hour

	// describedQueries is how many queries a connection remembers the types of. There are five.
	describedQueries = 16

	// migrationLock is the advisory lock that migrations run under: "momentum", read as a number.
	migrationLock = 0x6d6f6d656e74756d
)
