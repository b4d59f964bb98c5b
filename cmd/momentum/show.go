package main

import (
	"io"

	"momentum/internal/config"
)

// configCmd shows the settings without judging them; check does.
type configCmd struct {
	Settings config.Settings `embed:""`
	JSON     bool            `name:"json" help:"As a JSON array, for programs."`
}

// Run prints them.
func (cmd *configCmd) Run(out io.Writer, s *config.Sources) error {
	rows := (*config.Config)(&cmd.Settings).Rows(s)
	if !cmd.JSON {
		return config.List(out, rows)
	}
	return printJSON(out, rows)
}
