package main

import "time"

const (
	// autoPingInterval is what the prompt's own pings are apart. Proxies drop what has been silent for 60 s.
	autoPingInterval = 30 * time.Second

	// tokenLifetime is how long a token that the client signs is good for: a day at the prompt.
	tokenLifetime = 24 * time.Hour

	// dialTimeout bounds the handshake. The server gives up on one after 5 s.
	dialTimeout = 10 * time.Second

	// writeTimeout bounds the sending of one message to a server that does not read.
	writeTimeout = 10 * time.Second

	// lingerTimeout bounds the wait for answers at the end of the input.
	lingerTimeout = time.Second

	// answerTimeout bounds the benchmark's wait for pongs after its last ping. What is slower counts as lost.
	answerTimeout = 5 * time.Second

	// maxMessageBytes bounds a message that is received: the server can be set to carry larger ones than its
	// default of 64 KiB, and nobody reads 16 MiB at a prompt.
	maxMessageBytes = 16 << 20

	// maxLineBytes bounds a line that is read from a pipe; what json sends is seldom over 64 KiB.
	maxLineBytes = 1 << 20

	// lineBacklog is how many lines may wait while one is carried out: the prompt is back before it is done.
	lineBacklog = 16

	// promptTimeout bounds the wait for a prompt to print above, which takes well under a millisecond to appear
	// again after a line and never does after the last one; promptPoll is how often to look.
	promptTimeout = 20 * time.Millisecond
	promptPoll    = 100 * time.Microsecond

	// receivedBacklog is how many received messages may wait to be printed before the socket is left alone.
	receivedBacklog = 256
)
