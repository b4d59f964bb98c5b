package admin

import "time"

const (
	// maxBodyBytes bounds a POST. It is also the default limit of a message.
	maxBodyBytes = 64 << 10

	// maxListed and maxListBytes bound a list of messages to publish: a thousand of ordinary size.
	maxListed    = 1000
	maxListBytes = 4 << 20

	// onlinePage and maxOnlinePage bound one page of GET /ws/online: a row is about 120 bytes, so the largest
	// page is about a megabyte.
	onlinePage    = 1000
	maxOnlinePage = 10000

	// shortWindow and longWindow are the windows of GET /ws/connections, in seconds.
	shortWindow = 10
	longWindow  = 60

	// maxMessageIDBytes is the maximum length of a message's id, as for a client's message.
	maxMessageIDBytes = 128

	// minTokenBytes is the length of the shortest token in ADMIN_TOKENS: shorter ones can be guessed. ADMIN_TOKEN may be shorter,
	// because deployments use such.
	minTokenBytes = 16

	// keptChanges is how many calls that change something are remembered: months of them. maxNotedBytes bounds each field.
	keptChanges   = 1000
	maxNotedBytes = 256

	// maxHeaderBytes bounds a request's headers; net/http adds 4096. Requests of administrators and probes are small.
	maxHeaderBytes = 8 << 10

	// Timeouts of the sidecar's connections. Each holds a descriptor of a small reserve, so none may stay for long.
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 20 * time.Second
	idleTimeout       = 15 * time.Second

	// unreadBodyTimeout is how long a connection that ends waits for a body that its request's handler has not read.
	// net/http may then wait for half a second more, so that the client reads the answer: less than a second in all.
	unreadBodyTimeout = 250 * time.Millisecond

	// evictionTimeout bounds the wait for the ledger and then for all reactors.
	evictionTimeout = 5 * time.Second

	// maxBanSeconds is ten years. To keep a user out for longer, make the user inactive in the directory.
	maxBanSeconds = 10 * 365 * 24 * 60 * 60

	// maxTokenIDBytes is the maximum length of a jti.
	maxTokenIDBytes = 128

	// stuckForGood is how long a reactor may stand still before the node should be restarted. It is longer than the
	// usual pauses of a process: a snapshot, a move to another host, swapping. After stuckForNow, clients would
	// notice that new connections wait.
	stuckForGood = 30 * time.Second
	stuckForNow  = 2 * time.Second

	// probeLife is how old the answer to a probe on the WebSocket port may be. A check may read a file, and any client may
	// send any number of probes. It is one tick of the reactors.
	probeLife = 100 * time.Millisecond

	// maxProfileSeconds bounds a profile, which holds one of the sidecar's connections.
	maxProfileSeconds = 60

	// cleanupTimeout bounds the wait for all reactors. They answer within a turn, which takes milliseconds.
	cleanupTimeout = 5 * time.Second
)
