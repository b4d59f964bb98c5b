package main

import (
	"encoding/json"
	"io"
)

// configCmd shows the settings without judging them; check does.
type configCmd struct {
	Settings settings `embed:""`
	JSON     bool     `name:"json" help:"As a JSON array, for programs."`
}

// Run prints them.
func (cmd *configCmd) Run(out io.Writer, s *sources) error {
	rows := (*Config)(&cmd.Settings).rows(s)
	if !cmd.JSON {
		return list(out, rows)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(rows)
}
