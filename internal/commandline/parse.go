// Package commandline reads the command lines of our tools.
package commandline

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/alecthomas/kong"
)

// ErrHelp means that the help has been printed and nothing is left to do.
var ErrHelp = errors.New("the help was printed")

// helpWidth is the longest line of a help text, in characters.
const helpWidth = 120

// Parse reads args into flags, which points to a struct with kong's tags. --help goes to stdout.
func Parse(flags any, name, description string, args []string, stdout, stderr io.Writer) error {
	helped := false
	parser, err := kong.New(flags,
		kong.Name(name), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: helpWidth}),
		kong.KindMapper(reflect.Int, kong.MapperFunc(decodeInt)),
	)
	if err != nil {
		return err
	}
	if _, err = parser.Parse(args); helped {
		return ErrHelp
	}
	return err
}

// decodeInt reads a decimal number. kong reads Go's literals, in which 0100 is octal.
func decodeInt(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("int")
	if err != nil {
		return err
	}
	text := fmt.Sprint(token.Value)
	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%q is not a whole decimal number", text)
	}
	target.SetInt(int64(n))
	return nil
}
