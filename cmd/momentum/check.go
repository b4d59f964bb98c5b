package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"

	"momentum/internal/config"
	"momentum/internal/doctor"
	"momentum/netpoll"
	"momentum/server/auth/jwks"
	"momentum/server/cluster/redis"
	"momentum/server/directory/postgres"
)

// checkCmd checks whether the server would start, without starting it.
type checkCmd struct {
	Settings config.Settings `embed:""`
	Quiet    bool            `help:"Print only errors and warnings."`
	JSON     bool            `name:"json" help:"Print a JSON object, for programs."`
}

// report is the result of a check.
type report struct {
	Good     bool           `json:"good"`
	ExitCode int            `json:"exit_code"`
	Errors   []string       `json:"errors"`   // why the server would not start, or would not be ready
	Warnings []string       `json:"warnings"` // other facts that an operator should know
	Limits   []doctor.Limit `json:"limits"`   // of the connections, the lowest first; empty if the settings are wrong
	Settings []config.Row   `json:"settings"`

	err error
}

// Run prints the errors, then the warnings and limits, then all settings.
func (cmd *checkCmd) Run(out io.Writer, s *config.Sources) error {
	c, err := cmd.Settings.Checked()
	r := &report{Errors: []string{}, Warnings: []string{}, Limits: []doctor.Limit{}, Settings: c.Rows(s)}
	r.warn(s.Warnings...)
	r.warn(c.Warnings()...)
	if err != nil {
		r.fail(wrongSettings(err))
	} else {
		r.tryAddresses(c)
		r.tryKeys(c)
		r.tryDatabase(c)
		r.tryRedis(c)
		r.count(c)
	}
	r.ExitCode = exitCode(r.err)
	r.Good = r.ExitCode == 0
	if err := cmd.print(out, r); err != nil || r.Good {
		return err
	}
	return reportedError{r.err}
}

// fail adds an error, with one line for each of several.
func (r *report) fail(err error) {
	r.err = errors.Join(r.err, err)
	r.Errors = append(r.Errors, strings.Split(err.Error(), "\n")...)
}

func (r *report) warn(texts ...string) { r.Warnings = append(r.Warnings, texts...) }

// tryAddresses binds the addresses as the server does, both at once. A port on which a momentum server listens is no
// error: a check is also run before a restart.
func (r *report) tryAddresses(c *config.Config) {
	held, err := net.Listen("tcp", c.AdminAddr)
	if err == nil {
		defer held.Close()
	}
	r.bound(adminSetting, c.AdminAddr, err)
	_, err = netpoll.FreeAddr(c.Listen())
	r.bound(listenSetting(c), c.Listen(), err)
}

func (r *report) bound(setting, addr string, err error) {
	if errors.Is(err, syscall.EADDRINUSE) && isMomentum(addr) {
		r.warn(fmt.Sprintf("%s: a momentum serves on %s now", setting, addr))
		return
	}
	if err = listenFault(setting, addr, err); err != nil {
		r.fail(err)
	}
}

// tryKeys fetches the keys of an issuer. A server that has another key can run without them for a time.
func (r *report) tryKeys(c *config.Config) {
	if c.JWKSURL == "" {
		return
	}
	err := jwks.Try(c.JWKSURL)
	if err == nil {
		return
	}
	err = fmt.Errorf("JWKS_URL (--jwks-url): %w", err)
	if c.JWTSecret == "" && c.JWTPublicKeyFile == "" {
		r.fail(err)
		return
	}
	r.warn(err.Error())
}

// tryDatabase makes the queries that a server makes before it starts, and checks the rights for later ones.
func (r *report) tryDatabase(c *config.Config) {
	if c.DatabaseURL == "" {
		return
	}
	settings := databaseSettings{DatabaseURL: c.DatabaseURL, UsersQuery: c.UsersQuery}
	err := settings.with(func(ctx context.Context, d *postgres.Database) error {
		if err := d.Check(ctx); err != nil {
			return databaseFault(err)
		}
		for _, shortcoming := range d.Shortcomings(ctx) {
			if errors.Is(shortcoming, postgres.ErrStandby) { // it would start, and never be ready
				return shortcoming
			}
			r.warn(shortcoming.Error())
		}
		return nil
	})
	if err != nil {
		r.fail(err)
	}
}

// tryRedis connects to Redis as a server does. A server starts without it, and is not ready until it has it.
func (r *report) tryRedis(c *config.Config) {
	if c.RedisURL == "" {
		return
	}
	found, err := redis.Inspect(c.RedisURL, c.RedisPrefix)
	for _, w := range found.Warnings {
		r.warn("REDIS_URL (--redis-url): " + w)
	}
	if err != nil {
		r.fail(fmt.Errorf("REDIS_URL (--redis-url): %w", err))
	}
}

// count states how many connections are possible.
func (r *report) count(c *config.Config) {
	descriptors, err := raiseDescriptorLimit()
	if err != nil {
		r.fail(err)
		return
	}
	reactors := c.Reactors
	if reactors == 0 {
		reactors = runtime.GOMAXPROCS(0)
	}
	r.Limits = limitsOf(c, descriptors, os.DirFS("/"))
	first := r.Limits[0]
	switch {
	case socketRoom(descriptors, reactors) < 1:
		r.fail(noRoom(descriptors, reactors))
	case first.Connections < c.MaxConnections:
		r.warn(fmt.Sprintf("%s leaves room for %d connections: %s", first.What, first.Connections, first.Advice))
	}
}

func (cmd *checkCmd) print(out io.Writer, r *report) error {
	if cmd.JSON {
		return printJSON(out, r)
	}
	for _, text := range r.Errors {
		fmt.Fprintf(out, "error: %s\n", text)
	}
	for _, text := range r.Warnings {
		fmt.Fprintf(out, "warning: %s\n", text)
	}
	if cmd.Quiet {
		return nil
	}
	fmt.Fprintf(out, "%s\n", r.verdict())
	if len(r.Limits) > 0 {
		fmt.Fprintf(out, "room for %d connections; the limit that comes first: %s\n", r.Limits[0].Connections, r.Limits[0].What)
	}
	fmt.Fprintln(out)
	return config.List(out, r.Settings)
}

func (r *report) verdict() string {
	switch r.ExitCode {
	case 0:
		return "the configuration is good"
	case exitSettings:
		return "the configuration is wrong: the server would not start"
	}
	return "the server would not start now, and may start later"
}
