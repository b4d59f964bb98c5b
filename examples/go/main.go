// Command go is a Momentum client in Go: it prints every message that arrives, sends each line of its input to everybody
// online, and comes back after a lost connection.
//
//	TOKEN=$(bin/momentum token --username alice --email alice@example.com) go run ./examples/go
package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c := client{
		url:   cmp.Or(os.Getenv("MOMENTUM_URL"), "ws://127.0.0.1:8000/ws"),
		token: os.Getenv("TOKEN"),
		lines: make(chan string),
	}
	go func() {
		for input := bufio.NewScanner(os.Stdin); input.Scan(); {
			c.lines <- input.Text()
		}
	}()
	if err := c.stayConnected(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
