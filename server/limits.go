package server

import (
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/fanout"
	"momentum/server/heavy"
	"momentum/server/presence"
)

const (
	// HandshakeTimeout is how long a connection may take from accept to 101. More bytes do not extend it, so that a
	// client which sends one byte a second does not hold a place.
	HandshakeTimeout = 5 * time.Second

	// maxEarlyBytes limits the frames that a client may send after its request and before it has read the 101. One
	// read returns at most this much.
	maxEarlyBytes = 64 << 10

	// CloseTimeout is how long the peer may take to answer a close frame (RFC 6455 §7.1.1 leaves it to us).
	CloseTimeout = 5 * time.Second

	// maxTokenChecks limits the handshakes that wait for a worker. At some 3 µs a token this is a twentieth of a
	// second of work; if more wait, the node is overloaded, and the client is told to retry later.
	maxTokenChecks = 16384

	// maxTokenCheckWait limits how long a handshake may wait for a worker. After that the client has probably given
	// up, and to admit it would be wasted work.
	maxTokenCheckWait = 2 * time.Second

	// directoryMargin is how much of the HandshakeTimeout is left when the directory's answer is due: for the queue of
	// the handshake rate limiter, and to send the answer before the deadline.
	directoryMargin = (admit.MaxWaitTicks + 3) * netpoll.TickLength

	// maxDeactivations limits how many users are remembered as deactivated within a HandshakeTimeout, at some 60 bytes
	// each. If more are deactivated, for example a whole tenant, all handshakes under way are refused and told to
	// retry later.
	maxDeactivations = 4096

	// wallJump is how far the wall clock must get ahead of the monotonic clock before sessions' tokens are reviewed.
	// Time synchronization corrects the clock by milliseconds.
	wallJump = time.Second

	// maxPerUser limits the connections of a user, whatever the setting says: a message to the user is posted to all of them
	// under one lock, at about a microsecond each, and an eviction lists them in one turn.
	maxPerUser = 4096

	// evictionBudget limits the work of a reactor for evictions in one turn: 128 closes, each a write, or 2,048
	// look-ups of targets that are not connected here. Either takes about a millisecond.
	evictionBudget = walkBudget
	lookUpCost     = 2

	// keepFound is the capacity, in handles, that the list of a user's connections keeps between evictions.
	keepFound = 1024

	// expiryWarning is how long before its end a session is told that its token expires: enough for a client on a
	// phone to get a new token from a signer that many clients ask at once. If half the token's life is less, that
	// counts.
	expiryWarning = time.Minute

	// longestLife limits, in ticks, the remaining life that is kept of a token: 3.4 years. A token may be valid until
	// the year 9999, and ticks that far ahead would look like the past.
	longestLife = 1 << 30

	ticksPerSecond = admit.TicksPerSecond

	// maxSpareHandshakes limits the handshakes that a reactor keeps for reuse; it needs about this many when many
	// clients connect at once.
	maxSpareHandshakes = 1024

	// keepHandshakeBytes is the largest buffer a spare handshake keeps.
	keepHandshakeBytes = 4 << 10

	// replyFlushBytes is how much one read's replies may grow to before they are written in the middle of it.
	replyFlushBytes = 32 << 10

	// backlogBytes limits the bytes that wait for a reactor's fan-out. A message for all that exceeds it is not
	// delivered, and its sender gets an error: the node cannot stop reading from the senders.
	backlogBytes = 16 << 20

	// backlogTime is how long the oldest message may have waited for a pass over a reactor's members: several times as
	// long as a pass over a million members takes. Small messages could otherwise wait for many minutes below
	// backlogBytes.
	backlogTime = 30 * time.Second

	// broadcastMessages and broadcastBytes are how many times the messages and bytes of a user's history the broadcast keeps:
	// there is one broadcast, and a client that was away has missed more of it.
	broadcastMessages = 10
	broadcastBytes    = 64

	// receiptShare is the part of the room for direct messages that receipts may take in addition: a sixteenth.
	receiptShare = 16

	// maxHeldBytes limits the messages from the bus that wait while their channels are being joined or completed: a second of
	// them on a busy node. Those above it are read from the bus later. heldOverhead is the memory of one beside its JSON.
	maxHeldBytes = 8 << 20
	heldOverhead = 128

	// noticesATick limits the lost notices that all nodes together have the bus keep again in a tick, so that 100,000 take three minutes if all know them, and 1.3 % of the
	// time of Redis, at 20 µs each. A node has noticeBytes at most, after which the news is a bundle as large as of messages, and looks at
	// noticeLooks: other nodes have kept most of them.
	noticesATick = 64
	noticeBytes  = 64 << 10
	noticeLooks  = 1024

	// noticeDelay is how long a node waits if the bus refuses a notice: then it has one of them kept. If Redis has no room for more notices, this
	// costs it 20 µs for each node; if it has no memory, the bus fails, and the node does not ask.
	noticeDelay = 5 * time.Second

	// maxLosses limits the channels of a reactor of which losses are not told yet; beyond it, they are told at once.
	maxLosses = 1024

	// maxReads limits the channels that the bus is asked for because clients of one user have missed messages: enough for two clients that
	// come back with 128 topics each. After that, one is earned each readInterval: fewer than the messages that a user may send, each of
	// which costs Redis as much as a read of 10 messages.
	maxReads     = 256
	readInterval = 250 * time.Millisecond

	// maxRejoins limits the channels that the bus is asked for at the same time because it was connected anew, or could not join them. It joins
	// so many within cluster.JoinPatience, also if 55 nodes come back at once and each joins 2,300 a second: more would have to be asked for again. It
	// is above the number from which the bus takes them for a backlog.
	maxRejoins = 2048

	// maxBusWaits limits how often a handshake waits for the bus: until the bus is connected, until the broadcast is joined, for
	// messages that the client is ahead of this node by, for its user's channel, for what the client has missed there, and once
	// more if the node has left the channel meanwhile.
	maxBusWaits = 6

	// maxMissedReads limits how often a message has the bus asked for what its subscriber may have missed: once more if some of its topics
	// were being joined for another client the first time.
	maxMissedReads = 2

	// epochBytes is the random part of an epoch, 48 bits: no two starts of a node within years have the same one.
	epochBytes = 6

	// epochStream keeps the epoch apart from the other numbers that are drawn from the node's seed.
	epochStream = 0xe90c

	// topicsStream does the same for the key of the topics' hashes.
	topicsStream = 0x70bc

	// noticesStream does the same for the order of lost notices.
	noticesStream = 0x407c

	// replaysATurn limits the replays that get a segment in one turn, as many bytes as a turn sends otherwise.
	replaysATurn = 16

	// looksATurn limits the replays that a turn looks at, at some 50 ns each.
	looksATurn = 4096

	// asksKept limits the messages about topics that are kept during a replay.
	asksKept = 8

	// keepReplayBytes is the largest buffer that is kept for missed messages: what fits in one write.
	keepReplayBytes = 2 * fanout.SegmentBytes

	// compressFrom is the size in bytes from which a message is compressed for the connections that agreed to it. A
	// smaller frame fits in one packet anyway, and the saving is not worth the microseconds of compression.
	compressFrom = 512

	// compressedFactor is the factor by which the bytes of a compressed message count, as received: text commonly inflates
	// by about as much. A message that inflates to nothing takes 160 µs for each KiB; so with the default rate, a user
	// with the maximum number of connections can occupy one core that way, and not four.
	compressedFactor = 4

	// These divide the memory that a reactor may hold for its clients (Options.MaxHeldBytes, split over the reactors,
	// over which the kernel spreads clients evenly), in sixteenths. Above held, the sessions that hold the most are
	// closed until the others hold relieved, which is low enough that this happens seldom. A closed session may still
	// read its queued messages while the total is between held and 16; above 16 it is cut off. Each pass goes over all
	// sessions, so the next one starts only after another sixteenth has been added. One turn can add more: 4 MiB of
	// fan-out.
	heldSixteenths     = 8
	relievedSixteenths = 6

	// closesNamed is how many connections a second the log names that were closed for their client's behavior: an
	// operator sees which clients they are, and a whole day of them is some 150 MB of log.
	closesNamed = 5

	// maxMissing limits, in ticks, how long a user's spent credit is remembered after the connection that spent it
	// has ended. It takes admit.BurstSeconds seconds to earn all of it, and longer only if messages that inflate have
	// caused a debt.
	maxMissing = int64(presence.Grace / netpoll.TickLength)

	// gossipsPerSummary is how often nodes tell each other how many users have come and gone while one summary is due to
	// clients. With more of it, 55 nodes spent 5 % of two cores in a storm on reading what the others tell each second.
	gossipsPerSummary = 4

	// maxFragments limits the frames of a message: 64 bytes in each for the default maximum size, while libraries
	// split at a kilobyte and more. Without it, empty frames could continue a message for ever at no cost in credit.
	maxFragments = 1024

	// maxBeatTicks is the interval (1 s) between the moments at which pings are sent. beatsPerInterval is the number
	// of such moments in a shorter heartbeat interval: with 25 of them, each is for a 25th of the sessions. More would
	// wake the reactor more often, fewer would make it send more pings at once.
	maxBeatTicks     = 10
	beatsPerInterval = 25

	// crowdedTimeout is how long a connection above the limit of its address may take to send its request. It has the
	// same time to read its refusal.
	crowdedTimeout = time.Second

	// sweepGrace is how far, in ticks (5 s), a deadline may be missed before the sweep reports a fault: a reactor with
	// thousands of deadlines at once needs some turns for them.
	sweepGrace = 50

	// walkBudget is how many sessions a turn looks at during work on all sessions: at some 50 ns for one that is not
	// in the cache, 0.2 ms. closeCost is how many looks a close counts as: 128 of them a turn, some 2 ms.
	walkBudget = 4096
	closeCost  = walkBudget / 128

	// slotTicks is the length of a slot in the book of the heaviest connections.
	slotTicks = heavy.SlotSeconds * ticksPerSecond

	// looksPerRow is how many looks the row of a connection counts as: it takes some 0.5 µs. maxConnections limits the rows of one
	// question, of some 700 bytes each. walkedAtOnce is how many sessions of a reactor one question for an address looks at: some
	// 5 ms of work, in 16 turns.
	looksPerRow    = 10
	maxConnections = 500
	walkedAtOnce   = 1 << 16

	// looksPerTopic is how many looks the end of a subscription counts as: it takes some 0.3 µs. looksPerRoom is how many more,
	// if the topic has presence.
	looksPerTopic = 6
	looksPerRoom  = 10

	// rollBudget is how many subscribers of topics a turn enrolls for presence, at some 0.3 µs each.
	rollBudget = 1024

	// maxListings limits the sessions of a reactor with a question for users, their further questions, of which each session has at most
	// maxLined, and the listings that visit a reactor. maxListed limits the places on all pages of topics that are collected, of
	// some 32 bytes each: 32 MiB. listingBudget is how many users a turn lists, at some 0.3 µs each
	// from the hub. To send a page that is there already costs a quarter of that for each user on it.
	maxListings   = 1 << 14
	maxLined      = 64
	maxListed     = 1 << 20
	listingBudget = 4096
	sendShare     = 4

	// surveyPatience is how long a page of the users of all nodes may take. They have askPatience to answer.
	surveyPatience = 2 * askPatience

	// listedBytes is what a user that may be on a page counts for the sender's credit: about what it takes, so that a page
	// costs as much as a message of that size.
	listedBytes = 64

	// bytesPerLook is how many bytes that are sent before a close cost as much as a look: 128 KiB some 8 µs.
	bytesPerLook = 1 << 10

	// reliefBudget is how many sessions a turn looks at when the node is short of memory: four times as many as for other
	// things, some 0.8 ms, since what is held grows meanwhile. reliefCloseCost is how many looks a close counts as then.
	reliefBudget    = 4 * walkBudget
	reliefCloseCost = 4 * closeCost

	// drainBatch is the least number of connections that a reactor closes in a tick of draining, so that a node with
	// few clients does not take the whole window.
	drainBatch = 8

	// drainFlush is how much of the drain window, at most half of it, is kept for the last connections: CloseTimeout,
	// and after it LingerTicks.
	drainFlush = 6 * time.Second

	// drainAnswer is how long, in a drain, a client may take to answer its close frame if nothing is queued for it in
	// user space. The kernel delivers the close frame even after the process has exited. The wait is for a client that
	// is sending at that moment: data that arrives on a closed socket is answered by a reset, which can overtake the
	// close frame. A refused connection gets the same time for the same reason (netpoll.LingerTicks).
	drainAnswer = netpoll.LingerTicks * netpoll.TickLength

	// drainLogInterval is how often a drain logs its progress.
	drainLogInterval = time.Second
)

// ticks converts a duration to the reactor's ticks, rounding up.
func ticks(d time.Duration) uint32 {
	return uint32((d + netpoll.TickLength - 1) / netpoll.TickLength)
}
