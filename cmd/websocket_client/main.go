// Command websocket_client connects to a Momentum server: with a prompt, with commands from a pipe, or as a small
// benchmark.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"momentum/internal/commandline"
	"momentum/internal/output"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, streams{os.Stdin, output.NewStream(os.Stdout), os.Stderr})
	stop()
	os.Exit(code)
}

// run executes the command line and returns the exit code. When ctx ends, it closes the connection.
func run(ctx context.Context, args []string, getenv func(string) string, std streams) int {
	code := connect(ctx, args, getenv, std)
	if err := std.out.Err(); err != nil {
		fmt.Fprintln(std.err, "websocket_client: cannot write to standard output:", err)
		return exitFailed
	}
	return code
}

// connect is run without the check of the output.
func connect(ctx context.Context, args []string, getenv func(string) string, std streams) int {
	flags, err := parseFlags(args, std)
	if errors.Is(err, commandline.ErrHelp) || std.out.Err() != nil {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(std.err, "websocket_client: %v\nwebsocket_client --help lists the flags\n", err)
		return exitUsage
	}
	if flags.Version {
		fmt.Fprintln(std.out, "websocket_client", commandline.ThisBuild())
		return exitOK
	}
	token, err := flags.token(getenv("JWT_SECRET"), time.Now())
	if err != nil {
		fmt.Fprintln(std.err, "websocket_client:", err)
		return exitUsage
	}
	settings, err := flags.settings(token, getenv("JWT_SECRET"), isInteractive(std))
	if err != nil {
		fmt.Fprintln(std.err, "websocket_client:", err)
		return exitUsage
	}
	conn, err := dial(ctx, flags.URL, token, settings...)
	if err != nil {
		fmt.Fprintln(std.err, "Failed to connect:", oneLine(err.Error()))
		return exitFailed
	}
	defer conn.abort()
	fmt.Fprintln(std.err, "Connected to", flags.endpoint())
	if flags.Benchmark {
		return benchmark{flags.Messages, flags.interval()}.run(ctx, conn, std)
	}
	return converseWith(ctx, conn, std, flags.autoPing(), bool(flags.JSON))
}
