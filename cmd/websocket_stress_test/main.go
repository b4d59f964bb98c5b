// Command websocket_stress_test puts a Momentum server under load: connection storms, throughput, and connections
// that stay.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes, for scripts. Where several apply the first one here wins.
const (
	exitInterrupted = 130 // as a shell has it for Ctrl-C
	exitUsage       = 2   // the command line, a file or the host does not allow the run
	exitFailed      = 1   // clients met errors, a condition did not hold, a metric has regressed, or an output was not written
	exitInvalid     = 3   // the generator was the bottleneck of a figure that --slo or --baseline judged
	exitOK          = 0
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
