package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"momentum/server/auth"
)

const (
	// stopTimeout bounds the end of the event loops, which is a matter of milliseconds.
	stopTimeout = 5 * time.Second

	// lastAnswers is how long plain HTTP requests may still take to be answered.
	lastAnswers = time.Second
)

// Run serves until a signal asks it to stop or something fails. SIGTERM and SIGINT drain; a second one ends
// the drain at once.
func (cmd *serveCmd) Run(out io.Writer) error {
	c, err := cmd.Settings.checked()
	if err != nil {
		return err
	}
	made, err := c.fillSecret(rand.Reader)
	if err != nil {
		return err
	}
	logs := newLogs(c, os.Stderr)
	signals := make(chan os.Signal, 2) // from before anybody can know that we serve
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	n, err := startNode(c, logs)
	if err != nil {
		return err
	}
	for _, warning := range c.warnings() {
		logs("main").Warn(warning)
	}
	logs("main").Info("serving", "websocket", n.listener.Addr().String(), "admin", n.admin.Addr().String(),
		"reactors", n.server.Group().Reactors(), "max_connections", n.most)
	if c.Dev {
		if err := welcome(out, c, n, made); err != nil {
			return errors.Join(err, n.stop())
		}
	}
	return errors.Join(n.untilStopped(signals, logs("main")), n.stop())
}

// untilStopped waits for a signal and drains, or returns what failed.
func (n *node) untilStopped(signals <-chan os.Signal, log *slog.Logger) error {
	var failure error
	select {
	case got := <-signals:
		log.Info("asked to stop; once more stops at once", "signal", got.String())
	case <-n.listener.Ended():
		return fmt.Errorf("the WebSocket port is no longer served: %w", n.listener.Err())
	case err := <-n.failed:
		failure = fmt.Errorf("the admin port is no longer served: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := n.server.Drain(ctx); err != nil {
		log.Warn("stopping with connections still open", "reason", err)
		return failure
	}
	log.Info("drained: everybody was told to come back")
	return failure
}

// welcome tells somebody who tries the server out what to paste.
func welcome(out io.Writer, c *Config, n *node, madeSecret bool) error {
	now := time.Now()
	signer, err := c.signer()
	if err != nil {
		return err
	}
	token, err := signer.Sign(auth.Claims{
		UserID: auth.UserID("guest@example.com"), Username: "guest", Email: "guest@example.com",
		IssuedAt: now.Unix(), ExpiresAt: now.Add(demoTokenLife).Unix(),
	})
	if err != nil {
		return err
	}
	whence := "as given"
	if madeSecret {
		whence = "random, for this run only"
	}
	_, err = fmt.Fprintf(out, `
DEVELOPMENT MODE: the signing secret is %s, and anybody who sees it can be anybody.

A chat, in as many terminals as you like, with a name of your choice in each:

  JWT_SECRET=%s bin/websocket_client --url ws://%s/ws --username alice --email alice@example.com

The demo page, as "guest":

  http://%s/demo/#token=%s

`, whence, c.JWTSecret, n.listener.Addr(), n.listener.Addr(), token)
	return err
}

// demoTokenLife is how long the demo URL that development mode prints is good for.
const demoTokenLife = 24 * time.Hour
