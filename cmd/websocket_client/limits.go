package main

import "time"

const (
	// autoPingInterval is the time between two automatic pings. Proxies close connections that have been silent for 60
	// s.
	autoPingInterval = 30 * time.Second

	// tokenLifetime is how long a token is valid that the client signs: a day at the prompt.
	tokenLifetime = 24 * time.Hour

	// welcomeTimeout is how long a client that resumes waits for a welcome. A server sends it with the answer to the handshake, or
	// cannot resume.
	welcomeTimeout = 500 * time.Millisecond

	// questionTimeout bounds the wait for an answer that is not a pong.
	questionTimeout = 10 * time.Second

	// lingerTimeout bounds the wait for answers after the end of the input.
	lingerTimeout = time.Second

	// answerTimeout bounds the benchmark's wait for pongs after its last ping. A later pong counts as lost.
	answerTimeout = 5 * time.Second

	// maxMessageBytes bounds a received message: the server can be configured for larger ones than its default of 64
	// KiB, and 16 MiB are enough at a prompt.
	maxMessageBytes = 16 << 20

	// maxLineBytes bounds a line from a pipe. Messages of the json command are seldom longer than 64 KiB.
	maxLineBytes = 1 << 20

	// lineBacklog is how many lines may wait while one is executed: the prompt returns earlier.
	lineBacklog = 16

	// promptTimeout bounds the wait for the prompt before a line is printed above it. The prompt needs less than a
	// millisecond to return after a line, and does not return after the last one. promptPoll is the time between two
	// checks.
	promptTimeout = 20 * time.Millisecond
	promptPoll    = 100 * time.Microsecond

	// receivedBacklog is how many received messages may wait to be printed before the client stops reading.
	receivedBacklog = 256
)
