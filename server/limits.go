package server

import (
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/presence"
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

	// maxTokenChecks bounds handshakes waiting for a worker. At some 3 µs a token this is a twentieth of a
	// second of work; more than that waiting means the node is behind, and the client is told to come back.
	maxTokenChecks = 16384

	// maxTokenCheckWait bounds the time a handshake may have waited for a worker. Behind it the client has
	// probably given up; admitting it would be work for nobody.
	maxTokenCheckWait = 2 * time.Second

	// directoryMargin is how much of the HandshakeTimeout is left when the directory's answer is due: for the wait at
	// the gate, and for the answer to be sent before the deadline refuses it for being late.
	directoryMargin = (admit.MaxWaitTicks + 3) * netpoll.TickLength

	// maxDeactivations bounds how many users are remembered as having been deactivated within a HandshakeTimeout, at
	// some 60 bytes each. Beyond it, as when a whole tenant is deactivated, all handshakes under way are refused and
	// told to come back.
	maxDeactivations = 4096

	// wallJump is how far the wall clock must have got ahead of the monotonic one before tokens are reviewed for it.
	// Where clocks are kept in step it is corrected by milliseconds.
	wallJump = time.Second

	// evictionBudget bounds what a reactor does for evictions in one turn: 128 closes, each a write, or 2,048 look-ups
	// of what is not connected here. Either takes about a millisecond.
	evictionBudget = walkBudget
	lookUpCost     = 2

	// keepFound is how many handles the list of a user's connections keeps room for between evictions.
	keepFound = 1024

	// expiryWarning is how long before its end a session is told that its token expires: enough for a client on a phone
	// to get another one, from a signer that is busy with all who ask at once. Half the token's life, if that is less.
	expiryWarning = time.Minute

	// longestLife bounds, in ticks, how long a token is counted on: 3.4 years. A token may be good until the year 9999, and
	// ticks that far ahead would look like the past.
	longestLife = 1 << 30

	ticksPerSecond = admit.TicksPerSecond

	// maxSpareHandshakes bounds the handshakes a reactor keeps for reuse; a storm needs about this many at once.
	maxSpareHandshakes = 1024

	// keepHandshakeBytes is the largest buffer a spare handshake keeps.
	keepHandshakeBytes = 4 << 10

	// replyFlushBytes is how much one read's replies may grow to before they are written in the middle of it.
	replyFlushBytes = 32 << 10

	// backlogBytes is how much may wait for a reactor's fan-out. A message for all that comes on top is not
	// delivered to anybody, and its sender is told: gnet cannot stop reading from those who send.
	backlogBytes = 16 << 20

	// backlogTime is how long the oldest message may have waited for a pass over a reactor's members: several times what
	// a pass over a million takes. Small messages would otherwise wait for many minutes below backlogBytes.
	backlogTime = 30 * time.Second

	// packFrom is the size in bytes from which a message is compressed for those who agreed to it. Below, a
	// frame fits the packet it travels in anyway, and saves less than the microseconds it takes.
	packFrom = 512

	// packedTimes is how many times the bytes of a compressed message count, as they came over the wire: as many as
	// text commonly inflates to. What inflates to nothing takes 160 µs for each KiB; so a user with as many
	// connections as one may have can ask for a core that way at the default rate, and not for four.
	packedTimes = 4

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
	// its user is remembered. It takes admit.BurstSeconds seconds to earn all of it, and longer only where messages that
	// inflate have run into debt.
	mostMissing = int64(presence.Grace / netpoll.TickLength)

	// maxFragments bounds the frames of a message: 64 bytes in each of the default largest, where libraries cut
	// at a kilobyte and more. Empty ones would otherwise never make a message that costs credit.
	maxFragments = 1024

	// mostBeatTicks is how far apart (1 s) the moments are at which pings go out, and beatsPerInterval how many there
	// are of them in an interval that is shorter: each of some 25 bunches is a 25th of the sessions. More would wake the
	// reactor more often, fewer would make it ping more at a time.
	mostBeatTicks    = 10
	beatsPerInterval = 25

	// crowdedTimeout is how long a connection that is one too many of its address may take to send its request. It is
	// the time that it would have to read its refusal in, too.
	crowdedTimeout = time.Second

	// sweepGrace is how far, in ticks (5 s), a deadline may be missed before the sweep calls it a fault: a
	// reactor with thousands of them due at once takes some turns over them.
	sweepGrace = 50

	// walkBudget is how many sessions a turn looks at where all are concerned: at some 50 ns for one that is not in the
	// cache, 0.2 ms. closeCost is how many looks a close counts as: 128 of them a turn, some 2 ms.
	walkBudget = 4096
	closeCost  = walkBudget / 128

	// bytesPerLook is how many bytes that are sent before a close cost as much as a look: 128 KiB some 8 µs.
	bytesPerLook = 1 << 10

	// reliefBudget is how many sessions a turn looks at when the node is short of memory: four times as many as for other
	// things, some 0.8 ms, since what is held grows meanwhile. reliefCloseCost is how many looks a close counts as then.
	reliefBudget    = 4 * walkBudget
	reliefCloseCost = 4 * closeCost

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
