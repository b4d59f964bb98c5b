package admit

const (
	// TicksPerSecond is how many ticks the callers' clocks make in a second.
	TicksPerSecond = 10

	// MaxWaitTicks bounds the time that a handshake may wait for the rate limiter (0.2 s). The handshakes of a tick's
	// burst wait for one tick; after the second, a client is better served by a time to come back at.
	MaxWaitTicks = 2

	// RetryAfterMost is the upper end, in seconds, of the random Retry-After of a refusal for load. Without the
	// spread, a refused fleet would come back all at once.
	RetryAfterMost = 8

	// retryAfterLongest bounds the Retry-After of clients above the rate, in seconds. A fleet that would have to wait
	// longer than a minute should use another node.
	retryAfterLongest = 60

	// MaxRecent bounds how many tokens are remembered as lately admitted, at eight bytes each: 8 MiB.
	MaxRecent = 1 << 20

	// RefusedAtOnce is how many connections of one address may be open at once only to read that they are too many (see
	// netpoll.LingerTicks). Those above that are closed at once, and a reset may overtake their answer: an address that
	// comes again and again holds this many sockets above its limit, and no more.
	RefusedAtOnce = 64

	// BurstSeconds is how many seconds' worth of messages a client may send at once, having been silent.
	BurstSeconds = 2

	// bytesPerMessage is the size from which a message counts as two against the rate limit, and so on.
	bytesPerMessage = 4 << 10

	// controlsPerTick bounds the pings and pongs of a client: 100 a second, where its heartbeat is one in some seconds.
	// Each ping costs an answer, and none of them is a message that the rate limit would count.
	controlsPerTick = 10

	// ControlBurst is how many may come at once, from a client that was cut off for a while and has kept them all.
	ControlBurst = 1000
)
