package main

import "time"

const (
	// Cores. A server has a core for itself, so that its CPU time is comparable, however many threads it uses.
	serverCore    = 0
	generatorCore = 1

	// warmUp lets just-in-time compilers, pools and TCP windows settle before a window is measured.
	warmUp = 700 * time.Millisecond

	usualWindow = 2 * time.Second
	smokeWindow = 300 * time.Millisecond

	// joinTime is for servers that answer a handshake before they include the connection in broadcasts.
	joinTime = 100 * time.Millisecond

	// settle is the time in which an idle server may release memory before its resident size is read.
	settle = 2 * time.Second

	// alternateWindow is the shortest window of make bench-before: other programs get the core for some milliseconds at a time.
	// A window has time for some passes over all members, each of passTime a member. There are alternations of the shortest
	// ones, and at least fewestAlternations.
	alternateWindow    = 100 * time.Millisecond
	passTime           = 80 * time.Microsecond
	alternations       = 80
	fewestAlternations = 25

	// upTimeout limits the time until a server listens.
	upTimeout = 5 * time.Second

	// stallTimeout is how long nothing may arrive before the job fails because the server has lost a message.
	stallTimeout = 10 * time.Second

	// connectTimeout limits the time in which all connections of a job are opened.
	connectTimeout = 60 * time.Second

	// finishTimeout limits the time of work that has an end.
	finishTimeout = 60 * time.Second

	// inFlight is how many handshakes are under way at once: less than every server's accept backlog, so that no SYN is
	// dropped and repeated a second later.
	inFlight = 128

	// warmConnections are opened and closed before a storm or idle connections are measured.
	warmConnections = 500

	// perSource is how many connections share a source address: one address has too few ports for all of them.
	perSource = 5000

	// maxConnections is the largest number of connections of a job: the usual hard limit of descriptors is 20,000 a process.
	maxConnections = 15000

	// otherFiles is how many open files are not connections.
	otherFiles = 64

	readBufferBytes = 64 << 10 // one read brings at most so many
	batch           = 512      // one epoll_wait reports at most so many sockets
	pollMillis      = 100      // one epoll_wait waits at most so long, so that deadlines are checked

	broadcastBytes = 128 // payload of a broadcast; a sender's index is added to it (see broadcastload.go)

	// chatLetters is the length of the text in a message to momentum serve. The JSON around it has 150 bytes.
	chatLetters = 32

	// directEnds is the number of connections for direct messages, a sender and a receiver, and the most that a job has
	// besides the others.
	directEnds = 2

	// directInterval is how often a direct message is sent: so rarely that it is no load.
	directInterval = 5 * time.Millisecond

	// directLetters is the length of the text in a direct message.
	directLetters = 800

	// directWindow is long enough for a thousand direct messages.
	directWindow = 5 * time.Second

	// maxUndelivered is how many direct messages may be on their way at the end: those of a second.
	maxUndelivered = 200

	// arrivalTime is how long momentum serve may announce arrivals after all clients have connected.
	arrivalTime = 5 * time.Second

	// heartbeatWindow is two heartbeat intervals of momentum serve, so that every connection gets two heartbeats.
	heartbeatWindow = 50 * time.Second

	// missedBroadcasts is how many broadcasts a client of a storm has missed: those of a second or two.
	missedBroadcasts = 20

	// sendAtOnce is how many messages the sender of a storm's messages writes at once, so that its socket has room.
	sendAtOnce = 100

	// jitterLength is how long messages are sent to clients that are cut off.
	jitterLength = time.Minute

	// forgetTime is how long a server may take to notice that the dashboard was closed: it has to write two more views.
	forgetTime = 3 * time.Second

	// dashboardRounds are those of make bench-dashboard.
	dashboardRounds = 15

	// adminToken is that of momentum serve.
	adminToken = "an admin token for benchmarks only"

	// secret signs the tokens of a server that only this machine can reach, and only for seconds.
	secret = "a secret of 32 bytes for benchmarks"
)
