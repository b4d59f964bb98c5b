package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"momentum/internal/adminapi"
	"momentum/internal/config"
	"momentum/server"
)

const drainPath = "/ws/drain"

// drainPoll is the time between two looks at a drain.
const drainPoll = 500 * time.Millisecond

// drainCmd drains a running node.
type drainCmd struct {
	Settings config.Settings `embed:""`
	Wait     bool            `help:"Wait until no client is left, and show the progress. Ctrl-C ends the wait, and not the drain."`
	JSON     bool            `name:"json" help:"Print a line of JSON for each look at the drain, for programs."`
}

// Run begins a drain, or finds one under way.
func (cmd *drainCmd) Run(out io.Writer, s *config.Sources) error {
	node, err := nodeOf(&cmd.Settings, s)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	return cmd.watch(ctx, out, node, tick.C)
}

// watch begins the drain, and prints its progress at each tick until it is over. It only looks from the second tick on: another call
// would begin the drain anew if it has been ended meanwhile.
func (cmd *drainCmd) watch(ctx context.Context, out io.Writer, node *adminapi.Client, ticks <-chan time.Time) error {
	now := new(server.DrainProgress)
	err := node.Call(ctx, "POST", drainPath, now)
	for ; ; now, err = progressOf(ctx, node) {
		switch {
		case err != nil:
			return callFault(err)
		case now == nil:
			return errDrainEnded
		}
		if err := cmd.print(out, now); err != nil {
			return err
		}
		switch {
		case now.Over && now.Remaining > 0:
			return fmt.Errorf("%d connections did not go in time, and were cut off", now.Remaining)
		case now.Over || !cmd.Wait:
			return nil
		}
		select {
		case <-ticks:
		case <-ctx.Done():
			return errors.New("no longer waiting; the node goes on draining")
		}
	}
}

// errDrainEnded means that the node takes clients again before the drain was over.
var errDrainEnded = errors.New("the drain was ended before its time: the node takes clients again")

// progressOf returns the progress of the node's drain; nil: there is none.
func progressOf(ctx context.Context, node *adminapi.Client) (*server.DrainProgress, error) {
	var stats struct {
		Drain *server.DrainProgress `json:"drain"`
	}
	err := node.Call(ctx, "GET", "/ws/stats?scope=node", &stats)
	return stats.Drain, err
}

func (cmd *drainCmd) print(out io.Writer, now *server.DrainProgress) (err error) {
	switch {
	case cmd.JSON:
		return printLine(out, now)
	case now.Over:
		_, err = fmt.Fprintf(out, "drained: %d of %d connections were told to reconnect\n", now.Closed, now.Sessions)
	default:
		_, err = fmt.Fprintf(out, "draining: %d of %d connections are left, %.1f s to go at most\n", now.Remaining, now.Sessions, now.SecondsLeft)
	}
	return err
}

// undrainCmd makes a node that drains take clients again.
type undrainCmd struct {
	Settings config.Settings `embed:""`
	JSON     bool            `name:"json" help:"Print a JSON object, for programs."`
}

// Run ends the drain. A node that does not drain is as it should be.
func (cmd *undrainCmd) Run(out io.Writer, s *config.Sources) error {
	node, err := nodeOf(&cmd.Settings, s)
	if err != nil {
		return err
	}
	var progress server.DrainProgress
	err = node.Call(context.Background(), "DELETE", drainPath, &progress)
	none := adminapi.IsRefused(err, "not_draining")
	if err != nil && !none {
		return callFault(err)
	}
	switch {
	case cmd.JSON:
		return printLine(out, struct {
			Undrained bool `json:"undrained"`
			server.DrainProgress
		}{!none, progress})
	case none:
		_, err = fmt.Fprintln(out, "the node was not draining")
	default:
		_, err = fmt.Fprintf(out, "the node takes clients again; %d of %d connections had been told to reconnect\n", progress.Closed, progress.Sessions)
	}
	return err
}

// errVisibleToken means that the admin token stands on the command line.
var errVisibleToken = errors.New("--admin-token shows the token to other users of the host: set ADMIN_TOKEN, or ADMIN_TOKEN_FILE to the name of a file that holds it")

// nodeOf returns a client for the running node with these settings.
func nodeOf(settings *config.Settings, s *config.Sources) (*adminapi.Client, error) {
	if s.From("admin-token") == "--admin-token" || s.From("admin-tokens") == "--admin-tokens" {
		return nil, wrongSettings(errVisibleToken)
	}
	token, err := (*config.Config)(settings).CallerToken()
	if err != nil {
		return nil, wrongSettings(err)
	}
	return adminapi.New(settings.AdminAddr, token), nil
}

// callFault marks a refusal that no later attempt can change: the token is wrong.
func callFault(err error) error {
	if adminapi.IsDenied(err) {
		return wrongSettings(err)
	}
	return err
}
