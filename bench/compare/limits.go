package main

import "time"

const (
	// Cores. A server has one to itself, so that its CPU is comparable whatever it does with threads.
	serverCore    = 0
	generatorCore = 1

	// warmUp lets just-in-time compilers, pools and TCP windows settle before a window is measured.
	warmUp = 700 * time.Millisecond

	usualWindow = 2 * time.Second
	smokeWindow = 300 * time.Millisecond

	// joinTime is for servers that answer a handshake before the connection is among those a broadcast goes to.
	joinTime = 100 * time.Millisecond

	// settle is how long an idle server may take to give memory back before its resident size is read.
	settle = 2 * time.Second

	// upTimeout is how long a server may take to listen.
	upTimeout = 5 * time.Second

	// stallTimeout is how long nothing may arrive before a server is taken to have lost a message.
	stallTimeout = 10 * time.Second

	// connectTimeout bounds opening all connections of a job.
	connectTimeout = 60 * time.Second

	// inFlight is how many handshakes are under way at once: below every server's accept backlog, so that none
	// is lost and repeated a second later by TCP.
	inFlight = 128

	// warmConnections come and go before a storm or an idle crowd is measured.
	warmConnections = 500

	// perSource is how many connections share a source address; with one address the ports would run out.
	perSource = 5000

	// most is the largest crowd: the usual hard limit of descriptors is 20,000 a process.
	most = 15000

	// otherFiles are open files that are no connection.
	otherFiles = 64

	readBytes  = 64 << 10 // one read's most
	batch      = 512      // sockets one epoll_wait may bring
	pollMillis = 100      // how long one epoll_wait may take, so that clocks are looked at

	broadcastBytes = 128 // payload of a broadcast; a sender's number is added to it (see broadcasting.go)

	// chatLetters is the text in a message to the whole server, whose JSON around it has 150 bytes more.
	chatLetters = 32

	// couriers are the two ends of the direct messages.
	couriers = 2

	// courierInterval is how often a direct message is sent: too rarely to be a load of its own.
	courierInterval = 5 * time.Millisecond

	// courierLetters makes a direct message longer than any other, by which it is known.
	courierLetters = 800

	// courierWindow has a thousand of them.
	courierWindow = 5 * time.Second

	// lateMost is how many may be on their way at the end, which is a second's worth.
	lateMost = 200

	// arrivalTime is how long the whole server may go on telling of arrivals when everybody is in.
	arrivalTime = 5 * time.Second

	// heartbeatWindow is two of the whole server's heartbeats, so that every connection has had two.
	heartbeatWindow = 50 * time.Second

	// secret signs the tokens of a server that only this machine can reach and that lives for seconds.
	secret = "a secret of 32 bytes for benchmarks"
)
