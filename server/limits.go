package server

import (
	"time"

	"momentum/netpoll"
)

const (
	// HandshakeTimeout is how long a connection may take from accept to 101. It is not re-armed by more bytes,
	// so that a client which sends one byte a second does not hold a place.
	HandshakeTimeout = 5 * time.Second

	// maxEarlyBytes bounds the frames a client may send behind its request before it has read the 101. One
	// read brings at most this much.
	maxEarlyBytes = 64 << 10

	// CloseTimeout is how long the peer may take to answer a close frame (RFC 6455 §7.1.1 leaves it to us).
	CloseTimeout = 5 * time.Second

	// maxAdmissionQueue bounds handshakes waiting for a worker. At some 3 µs a token this is a twentieth of a
	// second of work; more than that waiting means the node is behind, and the client is told to come back.
	maxAdmissionQueue = 16384

	// maxAdmissionWait bounds the time a handshake may have waited for a worker. Behind it the client has
	// probably given up; admitting it would be work for nobody.
	maxAdmissionWait = 2 * time.Second

	// directoryMargin is how much of the HandshakeTimeout is left when the directory's answer is due: for the wait at
	// the gate, and for the answer to be sent before the deadline refuses it for being late.
	directoryMargin = maxGateWait + 3*netpoll.TickLength

	// mostShutOut bounds how many users are remembered as having been shut out within a HandshakeTimeout, at some 60
	// bytes each. Beyond it, as when a whole tenant is, everybody's handshake under way is told to come back.
	mostShutOut = 4096

	// expiryWarning is how long before its end a session is told that its token expires: enough for a client on a phone
	// to get another one, from a signer that is busy with all who ask at once. Half the token's life, if that is less.
	expiryWarning = time.Minute

	// longestLife bounds, in ticks, how long a token is counted on: 3.4 years. A token may be good until the year 9999, and
	// ticks that far ahead would look like the past.
	longestLife = 1 << 30

	// maxGateWait bounds the time a handshake may wait for the gate (see gate.go). Those that a tick lets in have
	// waited for one; behind the second, a client is better served by a time to come back at.
	maxGateWait = 2 * netpoll.TickLength

	// retryAfterLongest bounds the Retry-After of those who come too many at once, in seconds. A fleet that is told
	// more than a minute is told to go elsewhere.
	retryAfterLongest = 60

	// mostRecent bounds how many tokens are remembered for the gate, at eight bytes each: 8 MiB.
	mostRecent = 1 << 20

	ticksPerSecond = int(time.Second / netpoll.TickLength)

	// maxSpareHandshakes bounds the handshakes a reactor keeps for reuse; a storm needs about this many at once.
	maxSpareHandshakes = 1024

	// keepHandshakeBytes is the largest buffer a spare handshake keeps.
	keepHandshakeBytes = 4 << 10

	// replyFlushBytes is how much one read's replies may grow to before they are written in the middle of it.
	replyFlushBytes = 32 << 10

	// segmentBytes bounds what a member gets in one write of a fan-out (with one message more), well below
	// what may be queued for it: a member that was idle takes a segment without becoming slow.
	segmentBytes = 128 << 10

	// keepSegments is how many emptied segments a reactor keeps for the next burst.
	keepSegments = 8

	// backlogBytes is how much may wait for a reactor's fan-out. A message for all that comes on top is not
	// delivered to anybody, and its sender is told: gnet cannot stop reading from those who send.
	backlogBytes = 16 << 20

	// bytesPerSend is how many bytes of fan-out cost as much as one send more in a turn's budget.
	bytesPerSend = 16 << 10

	// keepFanoutBytes is how much of a fan-out buffer survives a burst.
	keepFanoutBytes = 1 << 20

	// packFrom is the size in bytes from which a message is compressed for those who agreed to it. Below, a
	// frame fits the packet it travels in anyway, and saves less than the microseconds it takes.
	packFrom = 512

	// bytesPerMessage is the size from which a message counts as two against the rate limit, and so on.
	bytesPerMessage = 4 << 10

	// packedTimes is how many times the bytes of a compressed message count, as they came over the wire: as many as
	// text commonly inflates to. What inflates to nothing takes 160 µs for each KiB; so a user with as many
	// connections as one may have can ask for a core that way at the default rate, and not for four.
	packedTimes = 4

	// rateBurst is how many seconds' worth of messages a client may send at once, having been silent.
	rateBurst = 2

	// What a reactor may keep for its clients (Options.MaxHeldBytes, split over the reactors, over which the kernel spreads
	// clients evenly) is used like this, in sixteenths: above held, those who hold the most are closed until the others
	// hold relieved, low enough that it is done seldom, and who was closed has all between held and 16 to read in what
	// is queued for it; above 16 it is cut off. Each look goes over all sessions, so that it is not taken again before
	// another one has come on top. What one turn brings comes on top too: 4 MiB of fan-out.
	heldSixteenths     = 8
	relievedSixteenths = 6

	// closesNamed is how many connections that were closed for what their clients did the log names in a second: an
	// operator sees which clients they are, and a day of nothing else is some 150 MB of log.
	closesNamed = 5

	// mostMissing is for how many ticks credit may be missing to a connection behind the one that spent it: as long as
	// its user is remembered. It takes rateBurst seconds to earn all of it, and longer only where messages that
	// inflate have run into debt.
	mostMissing = int64(presenceGrace / netpoll.TickLength)

	// controlsPerTick bounds the pings and pongs of a client: 100 a second, where its heartbeat is one in some
	// seconds. Each ping costs an answer, and none of them is a message that the rate limit would count.
	controlsPerTick = 10

	// controlBurst is how many may come at once, from one that was cut off for a while and has kept them all.
	controlBurst = 1000

	// maxFragments bounds the frames of a message: 64 bytes in each of the default largest, where libraries cut
	// at a kilobyte and more. Empty ones would otherwise never make a message that costs credit.
	maxFragments = 1024

	// retryAfterMost is the upper end, in seconds, of the random Retry-After of a refusal for load. The spread
	// is what keeps a refused fleet from coming back as one.
	retryAfterMost = 8

	// mostBeatTicks is how far apart (1 s) the moments are at which pings go out, and beatsPerInterval how many there
	// are of them in an interval that is shorter: each of some 25 bunches is a 25th of the sessions. More would wake the
	// reactor more often, fewer would make it ping more at a time.
	mostBeatTicks    = 10
	beatsPerInterval = 25

	// onlineEach is the number of users online up to which each arrival and departure is told on its own. At
	// 64 users this is at most 64² frames for all of them to arrive; beyond it, N² would be a storm in itself.
	// It also bounds what is told so within a presenceInterval: thousands may leave a few behind.
	onlineEach = 64

	// presenceInterval is how often arrivals and departures are told together beyond onlineEach, and again as long
	// for each presenceCrowd online: to tell 4,096 users takes some 20 ms, so that a crowd that comes and goes all
	// the time costs 2 % of a core, however large it is.
	presenceInterval = time.Second
	presenceCrowd    = 4096

	// presenceSample bounds how many users a summary names.
	presenceSample = 16

	// refusedAtOnce is how many connections of one address may be open at once only to read that they are too
	// many (see netpoll.LingerTicks). Those beyond are closed at once, and a reset may overtake what they are
	// told: an address that comes again and again holds this many sockets above its limit, and no more.
	refusedAtOnce = 64

	// presenceGrace is how long a user may be away without having left: a reload, or a phone changing cells.
	presenceGrace = 3 * time.Second

	// sweepGrace is how far, in ticks (5 s), a deadline may be missed before the sweep calls it a fault: a
	// reactor with thousands of them due at once takes some turns over them.
	sweepGrace = 50

	// drainBatch is the least number of connections a reactor closes in a tick of draining, so that a node
	// with few clients does not take the whole window.
	drainBatch = 8

	// drainFlush is how much of the drain window, half of it at the most, is kept for the last connections to go:
	// CloseTimeout, and LingerTicks behind it.
	drainFlush = 6 * time.Second

	// drainAnswer is how long, in a drain, a client may take to answer its close frame if nothing is queued for it in user
	// space. The kernel delivers the close frame even after the process has gone; the wait is for a client that is just
	// sending, because what arrives on a closed socket is answered by a reset, which can overtake the close frame. A
	// refused connection gets as long for the same reason (netpoll.LingerTicks).
	drainAnswer = netpoll.LingerTicks * netpoll.TickLength

	// drainLogInterval is how often a drain says how it goes on.
	drainLogInterval = time.Second
)

// ticks converts a duration to the reactor's ticks, rounding up.
func ticks(d time.Duration) uint32 {
	return uint32((d + netpoll.TickLength - 1) / netpoll.TickLength)
}
