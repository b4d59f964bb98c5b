package main

import (
	"context"
	"fmt"

	momentum "momentum/client"
)

// questionBacklog is how many answers may wait to be shown.
const questionBacklog = 16

// ask calls question on a goroutine of its own, because it waits for the server, and then what it returns, which shows the answer.
func (c *conversation) ask(question func() func()) {
	c.asked++
	go func() {
		answer := question()
		select {
		case c.answers <- func() { c.asked--; answer() }:
		case <-c.conn.done:
		}
	}()
}

// list prints the users online, or those subscribed to a topic.
func (c *conversation) list(topic string) {
	c.ask(func() func() {
		users, count, err := c.online(topic)
		return func() { c.reporter.users(topic, users, count, err) }
	})
}

func (c *conversation) online(topic string) ([]momentum.User, int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), questionTimeout)
	defer cancel()
	return c.conn.client.Online(ctx, topic)
}

// subscribe subscribes to a topic, on this connection and on those that follow.
func (c *conversation) subscribe(topic string) {
	c.ask(func() func() {
		ctx, cancel := context.WithTimeout(context.Background(), questionTimeout)
		defer cancel()
		err := c.conn.client.Subscribe(ctx, topic)
		return func() {
			if err != nil {
				fmt.Fprintf(c.terminal.err, "not subscribed to %s: %s\n", oneLine(topic), oneLine(err.Error()))
			}
		}
	})
}

// message sends a text to one user. If the name has not been seen, the server is asked for the users that are online.
func (c *conversation) message(given command) error {
	id, known, err := c.reporter.known.find(given.first)
	if err != nil {
		return err
	}
	if known {
		return c.post(momentum.Outgoing{Type: "text", ToUserID: id, Data: content{given.rest}})
	}
	c.ask(func() func() {
		users, _, err := c.online("")
		return func() {
			c.reporter.known.add(users...)
			if err = c.messageKnown(given, err); err != nil {
				fmt.Fprintln(c.terminal.err, err)
			}
		}
	})
	return nil
}

// messageKnown sends the text of msg to a user that must be known by now.
func (c *conversation) messageKnown(given command, failure error) error {
	id, known, err := c.reporter.known.find(given.first)
	switch {
	case err != nil:
		return err
	case known:
		return c.post(momentum.Outgoing{Type: "text", ToUserID: id, Data: content{given.rest}})
	case failure != nil:
		return fmt.Errorf("not sent: no user called %s is known, and the server does not say who is online: %s", oneLine(given.first), oneLine(failure.Error()))
	}
	return fmt.Errorf("not sent: no user called %s is online. A user who is not is named by id", oneLine(given.first))
}
