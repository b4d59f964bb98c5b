package admit

const (
	// TicksPerSecond is how many ticks the callers' clocks make in a second.
	TicksPerSecond = 10

	// MaxWaitTicks bounds the time that a handshake may wait for the rate limiter (0.2 s). The handshakes of a tick's
	// burst wait for one tick. Longer than two, a Retry-After is better for the client.
	MaxWaitTicks = 2

	// maxDueTicks bounds the time that a handshake may wait for which the rate has been reserved (2 s). At twice the rate, the
	// clients of a second and those that were spread into it come together.
	maxDueTicks = 2 * TicksPerSecond

	// reservedTicks is how long a reservation is kept from when it is due (2 s): an inquiry is told a time that is rounded up by up to a
	// second, and clients spread themselves over almost one more, for the way included. earlyTicks (0.1 s) is for clocks that differ, and
	// for ticks that are late.
	reservedTicks = 2 * TicksPerSecond
	earlyTicks    = 1

	// reservedWays is how many reservations have the same place in their table: four of eight bytes share half a cache line. If all
	// of them are in use, a further reservation is not kept, and its client has no priority when it comes back.
	reservedWays = 4

	// MaxRetryAfter is the upper end, in seconds, of the random Retry-After of a refusal for load. Without the
	// spread, a refused fleet would come back all at once.
	MaxRetryAfter = 8

	// retryAfterLongest bounds the Retry-After of clients above the rate, in seconds. A fleet that would have to wait
	// longer than a minute should use another node.
	retryAfterLongest = 60

	// MaxRecent bounds how many tokens are remembered as lately admitted, and how many reservations are kept, at eight bytes each: 8 MiB.
	MaxRecent = 1 << 20

	// RefusedAtOnce is how many connections of one address may be open only to read their refusal (see
	// netpoll.LingerTicks). More are closed at once, and a reset may overtake their answer. So an address that keeps
	// connecting holds this many sockets above its limit, and no more.
	RefusedAtOnce = 64

	// BurstSeconds is how many seconds' worth of messages a client may send at once after a silence.
	BurstSeconds = 2

	// bytesPerMessage is the size from which a message counts as two against the rate limit, and so on.
	bytesPerMessage = 4 << 10

	// controlsPerTick bounds the pings and pongs of a client: 100 a second, while a heartbeat is one in some seconds.
	// Each ping costs an answer, and the rate limit of messages does not count it.
	controlsPerTick = 10

	// ControlBurst is how many may come at once, from a client that was disconnected from the network and has queued
	// them.
	ControlBurst = 1000
)
