package admin

import "time"

const (
	// maxBodyBytes bounds a POST. It is what the largest ordinary message is bounded by, too.
	maxBodyBytes = 64 << 10

	// onlinePage and maxOnlinePage bound one page of GET /ws/online: a row is about 120 bytes, so the largest
	// page is about a megabyte.
	onlinePage    = 1000
	maxOnlinePage = 10000

	// maxHeaderBytes is what net/http adds 4096 to. Requests of administrators and probes are small.
	maxHeaderBytes = 8 << 10

	// Times of the sidecar's connections. They hold a descriptor out of a small reserve, so none may stay.
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 20 * time.Second
	idleTimeout       = 15 * time.Second

	// unreadBodyTimeout is how long a connection that ends waits for a body that its request's handler has not read.
	// net/http may then wait for half a second more, so that the client reads the answer: less than a second in all.
	unreadBodyTimeout = 250 * time.Millisecond

	// evictionTimeout bounds the wait for the ledger and then for all reactors.
	evictionTimeout = 5 * time.Second

	// maxBanSeconds is ten years. Who is to stay away for longer is made inactive in the directory.
	maxBanSeconds = 10 * 365 * 24 * 60 * 60

	// maxTokenIDBytes is as long as a jti may be.
	maxTokenIDBytes = 128

	// stuckForGood is how long a reactor may stand still before the node is better restarted: whatever a host does to
	// a process (a snapshot, a move to another host, swapping), it has done by then. stuckForNow is when new connections
	// would be felt to wait.
	stuckForGood = 30 * time.Second
	stuckForNow  = 2 * time.Second

	// probeLife is how old the answer to a probe on the WebSocket port may be. A check may read a file, and anybody may
	// send any number of probes; it is also how often the node looks at its clock.
	probeLife = 100 * time.Millisecond

	// maxProfileSeconds bounds a profile, which holds one of the sidecar's connections all the while.
	maxProfileSeconds = 60

	// cleanupTimeout bounds the wait for all reactors; they answer within a turn, which is milliseconds.
	cleanupTimeout = 5 * time.Second
)
