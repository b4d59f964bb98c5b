package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"

	"momentum/internal/config"
	"momentum/netpoll"
	"momentum/server/auth/jwks"
)

// checkCmd says whether the server would start, without starting it.
type checkCmd struct {
	Settings config.Settings `embed:""`
}

// Run prints what is in force and what speaks against it. Only a configuration that is wrong fails the
// check: ports in use, a low descriptor limit and a database that is away are warnings, for the host may be
// another, or the server may be running already.
func (cmd *checkCmd) Run(out io.Writer, s *config.Sources) error {
	c, problems := cmd.Settings.Checked()
	if err := config.List(out, c.Rows(s)); err != nil {
		return err
	}
	warnings := append(slices.Clone(s.Warnings), c.Warnings()...)
	if problems == nil {
		warnings = append(append(warnings, hostWarnings(c)...), databaseWarnings(c)...)
	}
	for _, warning := range warnings {
		fmt.Fprintf(out, "warning: %s\n", warning)
	}
	if problems == nil {
		fmt.Fprintln(out, "the configuration is good")
	}
	return problems
}

// hostWarnings tries the ports and counts the descriptors.
func hostWarnings(c *config.Config) []string {
	var all []string
	for _, addr := range []string{c.Listen(), c.AdminAddr} {
		if _, err := netpoll.FreeAddr(addr); err != nil {
			all = append(all, err.Error()+" (expected if the server is running)")
		}
	}
	if c.JWKSURL != "" {
		if err := jwks.Try(c.JWKSURL); err != nil {
			all = append(all, "JWKS_URL (--jwks-url): "+err.Error())
		}
	}
	descriptors, err := raiseDescriptorLimit()
	if err != nil {
		return append(all, err.Error())
	}
	reactors := c.Reactors
	if reactors == 0 {
		reactors = runtime.GOMAXPROCS(0)
	}
	room := max(connectionCap(c, descriptors, reactors), 0)
	if room == 0 || room < c.MaxConnections {
		all = append(all, fmt.Sprintf("the descriptor limit of %d leaves room for %d connections: raise it "+
			"(ulimit -n, or LimitNOFILE in the systemd unit)", descriptors, room))
	}
	return all
}
