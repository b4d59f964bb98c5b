package main

import (
	"fmt"
	"io"

	"momentum/internal/commandline"
)

// versionCmd prints the version of the build and of its parts.
type versionCmd struct {
	JSON bool `name:"json" help:"Print a JSON object, for programs."`
}

// Run prints the version.
func (cmd versionCmd) Run(out io.Writer) error {
	if cmd.JSON {
		return printJSON(out, commandline.ThisBuild())
	}
	_, err := fmt.Fprintln(out, named())
	return err
}

// version returns the name of this build.
func version() string { return commandline.ThisBuild().String() }

// named returns the name of the program and of this build.
func named() string { return "momentum " + version() }
