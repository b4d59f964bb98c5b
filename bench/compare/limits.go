package main

import "time"

const (
	// Cores. A server has one to itself, so that its CPU time is comparable whatever it does with threads.
	serverCore    = 0
	generatorCore = 1

	// warmUp is the time before a window, for just-in-time compilers, pools and TCP windows.
	warmUp = 700 * time.Millisecond

	usualWindow = 2 * time.Second
	smokeWindow = 300 * time.Millisecond

	// joinDelay is for servers that answer a handshake before broadcasts include the connection.
	joinDelay = 100 * time.Millisecond

	// settle is how long an idle server may take to return memory before its resident size is read.
	settle = 2 * time.Second

	// startTimeout is how long a server may take until it listens.
	startTimeout = 5 * time.Second

	// stallTimeout is how long nothing may arrive before a message counts as lost.
	stallTimeout = 10 * time.Second

	// connectTimeout bounds opening all connections of a job.
	connectTimeout = 60 * time.Second

	// maxHandshakes is how many handshakes are in progress at once. It is below every server's accept backlog, so that
	// TCP does not have to repeat one a second later.
	maxHandshakes = 128

	// warmConnections is how many connections are opened and closed before a storm or idle connections are measured.
	warmConnections = 500

	// connectionsPerSource is how many connections share a source address; one address has too few ports.
	connectionsPerSource = 5000

	// maxConnections is the largest number of connections: the usual hard limit of descriptors is 20,000 a process.
	maxConnections = 15000

	// otherFiles is the number of open files besides the connections.
	otherFiles = 64

	readBytes  = 64 << 10 // size of a read
	batch      = 512      // events of one epoll_wait
	pollMillis = 100      // timeout of epoll_wait, after which clocks are read

	broadcastBytes = 128 // payload of a broadcast; a sender's number is added to it (see broadcasting.go)

	// chatLetters is the length of the text in a message to momentum serve; the JSON around it has 150 more bytes.
	chatLetters = 32

	// couriers is the number of connections for direct messages.
	couriers = 2

	// courierInterval is the time between two direct messages, which are too rare to be a load.
	courierInterval = 5 * time.Millisecond

	// courierLetters makes a direct message longer than any other, by which it is recognized.
	courierLetters = 800

	// courierWindow is long enough for a thousand of them.
	courierWindow = 5 * time.Second

	// maxOutstanding is how many direct messages may be outstanding at the end: a second's worth.
	maxOutstanding = 200

	// presenceTime is how long momentum serve may send presence messages after the last handshake.
	presenceTime = 5 * time.Second

	// heartbeatWindow is twice the heartbeat interval of momentum serve, so that every connection has two heartbeats.
	heartbeatWindow = 50 * time.Second

	// secret signs the tokens for a server that only this machine can reach, for some seconds.
	secret = "a secret of 32 bytes for benchmarks"
)
