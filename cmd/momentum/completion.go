package main

import (
	"io"

	"github.com/alecthomas/kong"

	"momentum/internal/commandline"
)

// completionCmd prints a script for a shell.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script.
func (cmd *completionCmd) Run(out io.Writer, ctx *kong.Context) error {
	script, err := commandline.Completion(ctx.Model, cmd.Shell)
	if err != nil {
		return wrongSettings(err)
	}
	_, err = io.WriteString(out, script)
	return err
}
