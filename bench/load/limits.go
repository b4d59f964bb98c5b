package load

import "time"

const (
	// readBytes is what one read takes at most. One buffer serves all connections.
	readBytes = 64 << 10

	// startsPerTurn and sendsPerTurn bound what is begun before sockets are read again, so that answers are
	// not stamped late because much was due.
	startsPerTurn = 16
	sendsPerTurn  = 64
	closesPerTurn = 256

	// handshakeTimeout is twice what the server allows a handshake.
	handshakeTimeout = 10 * time.Second

	// firstBackoff doubles with each attempt up to longestBackoff; it is used where no Retry-After says better.
	firstBackoff = time.Second
	maxBackoff   = 16 * time.Second

	// longestWait is what a longer Retry-After counts as: no test lasts as long.
	maxRetryAfter = 2 * maxSeconds * time.Second

	// maxQueuedBytes is what one connection may have waiting for its socket. Beyond it the server has stopped
	// reading, and messages stay unsent.
	maxQueuedBytes = 1 << 20

	// windowLength is how long a sample of the series is, until there are maxSamples of them: then two become
	// one, so that a run of hours makes no larger a file than one of seconds. A storm may be over in a tenth of a
	// second, and should still have a shape.
	windowLength = 10 * time.Millisecond
	maxSamples   = 240

	// stretchLeast is how many latencies a stretch of their curve has at the least, so that two of them are beyond its
	// 99th percentile, and maxStretches how many stretches there are, at some 30 KB each, until two become one.
	minIntervalCount = 200
	maxIntervals     = 120

	// reportInterval is how often the progress is told. A person cannot read more.
	reportInterval = 200 * time.Millisecond

	// calm is what a sustained test waits before it talks: a server tells those who are in of those who came last,
	// and that burst belongs to the arrival. Momentum does so once a second.
	presencePause = 1500 * time.Millisecond

	// overrun is how long a sustained test goes on beyond its end to send what was due before it.
	overrun = time.Second

	// settleLeast is how long behind the last delivery duplicates may still turn up. settleQuiet without a
	// delivery means that what is missing is lost, and settleMost bounds the wait for a server that trickles.
	settleMin   = 200 * time.Millisecond
	settleQuiet = 3 * time.Second
	settleMax   = 60 * time.Second

	// leaveMost is how long the closing handshakes of all connections may take together.
	closeTimeout = 5 * time.Second
)
