// Command echo is the smallest server on netpoll and protocol: it returns every message to its sender, or with
// --broadcast sends it to all connections. It accepts any path and any origin, without a token. This repository
// measures and tests its transport with it; the real server is momentum.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"momentum/netpoll"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func run() error {
	addr := flag.String("addr", "127.0.0.1:9001", "`address` to listen on, as host:port")
	broadcast := flag.Bool("broadcast", false, "send every message to all connections, including its sender's")
	reactors := runtime.GOMAXPROCS(0)
	flag.Func("reactors", "`number` of event loops (default: the number of processors that Go uses)", func(text string) (err error) {
		reactors, err = strconv.Atoi(text) // flag.Int would read 010 as octal
		return err
	})
	flag.Parse()
	netpoll.SpareProcessor(reactors)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	listener, err := serve(config{*addr, *broadcast, reactors, log})
	if err != nil {
		return err
	}
	log.Info("listening", "addr", listener.Addr())
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	select {
	case <-asked:
		return listener.Stop(context.Background())
	case <-listener.Ended():
		return listener.Err()
	}
}
