package load

import "time"

const (
	// readBytes is the size of the read buffer, which all connections share.
	readBytes = 64 << 10

	// startsPerTurn, sendsPerTurn and closesPerTurn bound the work between two reads of the sockets. Otherwise answers
	// would be timestamped late when much is due.
	startsPerTurn = 16
	sendsPerTurn  = 64
	closesPerTurn = 256

	// handshakeTimeout is twice the time that the server allows for a handshake.
	handshakeTimeout = 10 * time.Second

	// firstBackoff is the first pause before a retry without a Retry-After. It doubles with each attempt, up to
	// maxBackoff.
	firstBackoff = time.Second
	maxBackoff   = 16 * time.Second

	// maxRetryAfter is the longest Retry-After; a longer one counts as this. No test lasts as long.
	maxRetryAfter = 2 * maxSeconds * time.Second

	// maxQueuedBytes bounds the bytes that wait for the socket of one connection. Above it the server has stopped
	// reading, and messages are not sent.
	maxQueuedBytes = 1 << 20

	// windowLength is how long a sample is. When there are maxSamples, every two are merged into one, so that the file
	// of a run of hours is no larger than that of a run of seconds. A storm may be over in a tenth of a second, and
	// should still have a curve.
	windowLength = 10 * time.Millisecond
	maxSamples   = 240

	// minIntervalCount is how many latencies an interval of a curve has at least, so that two of them are above its
	// 99th percentile. When there are maxIntervals, of some 30 KB each, every two are merged into one.
	minIntervalCount = 200
	maxIntervals     = 120

	// reportInterval is the time between two progress reports.
	reportInterval = 200 * time.Millisecond

	// presencePause is how long a sustained test waits after the last handshake: until then a server sends presence
	// messages about the new clients, which the test does not measure. Momentum sends them once a second.
	presencePause = 1500 * time.Millisecond

	// overrun is how long a sustained test may continue after its end to send messages that were due before.
	overrun = time.Second

	// settleMin is how long after the last delivery duplicates may still arrive. After settleQuiet without a delivery,
	// missing messages are lost. settleMax bounds the wait for a server that delivers them slowly.
	settleMin   = 200 * time.Millisecond
	settleQuiet = 3 * time.Second
	settleMax   = 60 * time.Second

	// closeTimeout bounds the closing handshakes of all connections together.
	closeTimeout = 5 * time.Second
)
