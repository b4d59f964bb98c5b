package main

import (
	"fmt"
	"io"
	"reflect"
	"runtime"

	"momentum/netpoll"
)

// checkCmd says whether the server would start, without starting it.
type checkCmd struct {
	Settings settings `embed:""`
}

// Run prints what is in force and what speaks against it. Only a configuration that is wrong fails the
// check: ports in use, a low descriptor limit and a database that is away are warnings, for the host may be
// another, or the server may be running already.
func (cmd *checkCmd) Run(out io.Writer) error {
	c, problems := cmd.Settings.checked()
	for _, row := range c.rows() {
		fmt.Fprintf(out, "%-25s %s\n", row.name, row.value)
	}
	warnings := c.warnings()
	if problems == nil {
		warnings = append(append(warnings, c.hostWarnings()...), c.databaseWarnings()...)
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
func (c *Config) hostWarnings() []string {
	var all []string
	for _, addr := range []string{c.Listen(), c.AdminAddr} {
		if _, err := netpoll.FreeAddr(addr); err != nil {
			all = append(all, err.Error()+" (expected if the server is running)")
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
	room := max(c.connectionCap(descriptors, reactors), 0)
	if room == 0 || room < c.MaxConnections {
		all = append(all, fmt.Sprintf("the descriptor limit of %d leaves room for %d connections: raise it "+
			"(ulimit -n, or LimitNOFILE in the systemd unit)", descriptors, room))
	}
	return all
}

// row is one setting as an operator sees it.
type row struct{ name, value string }

// rows lists every setting under its variable, or its flag if it has none, in the order of Config.
func (c *Config) rows() []row {
	var all []row
	value := reflect.ValueOf(c).Elem()
	for i := range value.NumField() {
		tag := value.Type().Field(i).Tag
		name := tag.Get("env")
		if name == "" {
			name = "--" + tag.Get("name")
		}
		text := fmt.Sprint(value.Field(i).Interface())
		switch {
		case text == "":
			text = "(not set)"
		case tag.Get("secret") != "":
			text = fmt.Sprintf("(set, %d bytes)", len(text))
		}
		all = append(all, row{name, text})
	}
	return all
}
