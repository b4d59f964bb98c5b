// Command websocket_stress_test puts a WebSocket server under load: with connection storms, throughput tests and
// sustained tests.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes, for scripts. If several apply, the first one here is returned.
const (
	exitInterrupted = 130 // as shells report Ctrl-C
	exitUsage       = 2   // the command line, a file or the host does not allow the run
	exitFailed      = 1   // clients met errors, a condition does not hold, a metric has regressed, or an output could not be written
	exitInvalid     = 3   // --slo or --baseline was applied to a figure that the generator limited
	exitOK          = 0
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
