// Command go is a Momentum client in Go: it prints every message that arrives, sends each line of its input to everybody
// online, and comes back after a lost connection without losing either.
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
	"time"

	"momentum/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c, err := client.Connect(ctx, cmp.Or(os.Getenv("MOMENTUM_URL"), "ws://127.0.0.1:8000/ws"), client.Options{Token: os.Getenv("TOKEN")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go send(ctx, c)
	last := show(c)
	if ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, last.Why, last.Err)
		os.Exit(1)
	}
}

// send sends each line of the input. A message that cannot be sent now is sent when there is a connection.
func send(ctx context.Context, c *client.Client) {
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		go report(ctx, c.Post(client.Outgoing{Data: map[string]string{"content": input.Text()}}))
	}
}

// report prints that a message was not delivered.
func report(ctx context.Context, d *client.Delivery) {
	if _, err := d.Wait(ctx); err != nil && ctx.Err() == nil {
		fmt.Println("not delivered:", err)
	}
}

// show prints all events, until the client is closed for the reason that it returns.
func show(c *client.Client) (last client.State) {
	for e := range c.Events() {
		switch e := e.(type) {
		case client.Message:
			fmt.Printf("%s from %q: %s\n", e.Type, e.FromUsername, e.Data)
		case client.State:
			last = e
			switch e.Phase {
			case client.Open:
				fmt.Println("connected")
			case client.Waiting:
				fmt.Printf("%v; trying again in %v\n", e.Err, time.Until(e.Until).Round(time.Millisecond))
			}
		case client.Resumed:
			fmt.Printf("back after %v: %d missed messages\n", e.Away.Round(time.Millisecond), e.Missed)
			if !e.Resumed {
				fmt.Println("messages may be missing:", e.Reason)
			}
		case client.Gap:
			fmt.Println("messages", e.From, "to", e.To, "are lost")
		}
	}
	return last
}
