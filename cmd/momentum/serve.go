package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/internal/config"
	"momentum/internal/logging"
	"momentum/server/auth"
)

const (
	// stopTimeout limits the end of the event loops, which takes milliseconds.
	stopTimeout = 5 * time.Second

	// lastAnswers is how much longer plain HTTP requests may wait for their answers.
	lastAnswers = time.Second

	// lastLines is how long the exit waits for the reader of the log to take the last lines. It is less if a second
	// signal has asked to stop at once.
	lastLines        = time.Second
	lastLinesHurried = 100 * time.Millisecond
)

// Run serves until a signal asks it to stop or something fails. SIGTERM and SIGINT drain; a second one ends
// the drain at once.
func (cmd *serveCmd) Run(out io.Writer, s *config.Sources, again reread) error {
	c, err := cmd.Settings.Checked()
	if err != nil {
		return wrongSettings(err)
	}
	made, err := c.FillSecret(rand.Reader)
	if err != nil {
		return err
	}
	caught := newSignals(os.Stderr) // before any other process can know that we serve
	logs := logging.New(os.Stderr, c.LogFormat, nodeInLog(c), c.Levels())
	defer func() {
		caught.stop() // from here on a signal ends the process
		logs.Close(caught.patience())
	}()
	log := logs.Of("main")
	slog.SetDefault(log) // for libraries that log by themselves
	r := &config.Reloader{Now: c, Reread: again, Log: log}
	r.Start()
	n, err := startNode(c, logs)
	if err != nil {
		return err
	}
	r.Apply = func(c *config.Config) { n.adopt(c, logs) }
	r.Warn(append(slices.Clone(s.Warnings), c.Warnings()...))
	log.Info("serving", "websocket", n.listener.Addr().String(), "admin", n.admin.Addr().String(),
		"reactors", n.server.Group().Reactors(), "max_connections", n.maxClients)
	if c.Dev {
		if err := welcome(logging.NewWriter(out), c, n, made); err != nil {
			return errors.Join(err, n.stop())
		}
	}
	return errors.Join(n.serve(caught, r), n.stop())
}

// serve runs until a signal asks to stop or something fails, and keeps systemd informed meanwhile.
func (n *node) serve(caught *signals, r *config.Reloader) error {
	systemd := findSupervisor(r.Log)
	watching, enough := context.WithCancel(context.Background())
	defer enough()
	go systemd.watch(watching, n.responsive)
	go watchHost(watching, n.host.Load())
	systemd.say(saysReady)
	failure, stopping := n.untilStopped(caught, r, systemd)
	if !stopping {
		return failure
	}
	systemd.say(saysStopping)
	n.drain(caught, r.Log)
	return failure
}

// untilStopped reloads on request, and returns when a signal asks to stop or something has failed. If the WebSocket
// port has failed, there is no client left to drain.
func (n *node) untilStopped(caught *signals, r *config.Reloader, systemd *supervisor) (failure error, drain bool) {
	for {
		select {
		case <-caught.reload:
			if caught.hungUp() {
				return nil, true
			}
			systemd.reloading()
			n.reloads.count(r.Reload())
			systemd.say(saysReady)
		case got := <-caught.stopping:
			r.Log.Info("asked to stop; once more stops at once", "signal", got.String())
			return nil, true
		case <-n.listener.Ended():
			return fmt.Errorf("the WebSocket port is no longer served: %w", n.listener.Err()), false
		case err := <-n.failed:
			return fmt.Errorf("the admin port is no longer served: %w", err), true
		}
	}
}

// drain drains the node. A second signal ends it at once.
func (n *node) drain(caught *signals, log *slog.Logger) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-caught.stopping:
			caught.hurried.Store(true)
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := n.server.Drain(ctx); err != nil {
		log.Warn("stopping with connections still open", "reason", err)
	}
}

// stuckTooLong is how long a reactor may stand still before the watchdog messages stop.
const stuckTooLong = 5 * time.Second

// responsive reports whether watchdog messages may be sent.
func (n *node) responsive() bool { return n.server.Turning(stuckTooLong) == nil }

// welcome prints commands that a new user can paste.
func welcome(out io.Writer, c *config.Config, n *node, madeSecret bool) error {
	page, err := n.demoURL(c)
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

The demo page:

  %s

`, whence, c.JWTSecret, n.listener.Addr(), page)
	return err
}

// demoURL is the address of the demo page. Where the page takes no guests, it has a token.
func (n *node) demoURL(c *config.Config) (string, error) {
	url := fmt.Sprintf("http://%s/demo/", n.listener.Addr())
	if bound, ok := n.listener.Addr().(*net.TCPAddr); ok && bound.IP.IsLoopback() && n.takesGuests(c) {
		return url, nil
	}
	const email = "guest@example.com"
	token, err := signGuest(c, auth.UserID(email), "guest", email, time.Now())
	return url + "#token=" + token, err
}

// takesGuests reports whether the demo page may ask for a guest's token: in development mode, if the access rule is that for this host,
// and if there is no directory, which would not know the guest.
func (n *node) takesGuests(c *config.Config) bool {
	return c.Dev && c.AdminToken == "" && n.users == nil
}

// signGuest signs a token for the demo page.
func signGuest(c *config.Config, id uuid.UUID, username, email string, now time.Time) (string, error) {
	signer, err := c.Signer()
	if err != nil {
		return "", err
	}
	return signer.Sign(auth.Claims{
		UserID: id, Username: username, Email: email, IssuedAt: now.Unix(), ExpiresAt: now.Add(demoTokenLife).Unix(),
	})
}

// demoTokenLife is how long a token is valid that development mode signs for the demo page.
const demoTokenLife = 24 * time.Hour
