package main

import (
	"io"

	"momentum/internal/output"
)

// Exit codes, for scripts.
const (
	exitOK     = 0
	exitFailed = 1 // no connection, or it was lost; the benchmark lost messages; input or output failed
	exitUsage  = 2 // the command line is wrong
)

// streams are the input and outputs of the client. Messages and results go to out, everything else to err.
type streams struct {
	in  io.Reader
	out *output.Stream
	err io.Writer
}
