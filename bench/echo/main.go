// Command echo is the smallest server on netpoll and protocol: it sends every message back to its sender or, with
// --broadcast, to all clients. It accepts any path and origin and needs no token. This repository measures and tests its
// transport with it; the server is momentum.
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
	addr := flag.String("addr", "127.0.0.1:9001", "host:port to listen on")
	broadcast := flag.Bool("broadcast", false, "send every message to every connection, including the sender's, instead of to its sender only")
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
