// Package commandline reads the command lines of our tools.
package commandline

import (
	"errors"
	"io"

	"github.com/alecthomas/kong"

	"momentum/internal/flagvalue"
)

// ErrHelp means that the help has been printed and nothing is left to do.
var ErrHelp = errors.New("the help was printed")

// helpWidth is the longest line of a help text, in characters.
const helpWidth = 120

// Parse reads args into flags, which points to a struct with kong's tags. --help goes to stdout.
func Parse(flags any, name, description string, args []string, stdout, stderr io.Writer) error {
	helped := false
	parser, err := flagvalue.New(flags,
		kong.Name(name), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: helpWidth}),
	)
	if err != nil {
		return err
	}
	if _, err = parser.Parse(args); helped {
		return ErrHelp
	}
	return err
}
