package main

import (
	"io"

	"momentum/internal/config"
)

// configCmd prints the settings without validating them; check validates them.
type configCmd struct {
	Settings config.Settings `embed:""`
	JSON     bool            `name:"json" help:"As a JSON array, for programs."`
}

// Run prints the settings.
func (cmd *configCmd) Run(out io.Writer, s *config.Sources) error {
	rows := (*config.Config)(&cmd.Settings).Rows(s)
	if !cmd.JSON {
		return config.List(out, rows)
	}
	return printJSON(out, rows)
}
