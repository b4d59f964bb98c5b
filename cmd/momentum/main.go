// Command momentum is the server: WebSocket messaging for very high connection counts on one Linux host.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"momentum/internal/config"
	"momentum/internal/flagvalue"
	"momentum/internal/logging"
)

const description = `A WebSocket messaging server for very high connection counts on one host.

Each setting is a flag, an environment variable, and a key in the file that --config names. The flag wins over the
variable, the variable over the file. An empty variable counts as not set. A variable such as JWT_SECRET_FILE names a file
that holds the secret. SIGHUP reads the files again.

    momentum serve --dev    to try it
    momentum config         to see each value in force and its source
    momentum check          to see whether the server would start, and why not
    momentum migrate        to create the tables for users in a database

Exit code: 0 success; 1 a failure that may pass, such as a database that is away; 2 a wrong command line or setting.`

// commands are the commands that may follow "momentum".
type commands struct {
	Serve      serveCmd      `cmd:"" default:"withargs" help:"Run the server. This is the default command."`
	Token      tokenCmd      `cmd:"" help:"Sign a token, for a script or for the demo page."`
	Users      usersCmd      `cmd:"" help:"Add users to the database; list, show, activate, deactivate and remove them."`
	Migrate    migrateCmd    `cmd:"" help:"Create the tables in the database, or update them."`
	Drain      drainCmd      `cmd:"" help:"Have a running node send its clients away."`
	Undrain    undrainCmd    `cmd:"" help:"Have a draining node take clients again."`
	Top        topCmd        `cmd:"" help:"Show a running node in the terminal, updated every second."`
	Doctor     doctorCmd     `cmd:"" help:"Find what keeps this host from holding many connections, and predict how many it holds."`
	Check      checkCmd      `cmd:"" help:"Report whether the server would start, with all errors and warnings."`
	Config     configCmd     `cmd:"" help:"Show each value in force and its source, without secrets."`
	Completion completionCmd `cmd:"" help:"Print a script that makes a shell complete commands and flags: bash, zsh or fish."`
	Version    versionCmd    `cmd:"" help:"Print the version, the commit it was built from and the Go release."`

	Build kong.VersionFlag `name:"version" help:"Print the version and exit."`
}

// serveCmd runs the server.
type serveCmd struct {
	Settings config.Settings `embed:""`
}

// reread reads the command line, the environment and the files once more.
type reread func() (*config.Config, *config.Sources, error)

func main() {
	stderr := logging.NewWriter(os.Stderr)
	code := run(os.Args[1:], os.Stdout, stderr, os.Exit)
	stderr.Close(lastLines) // the reader of the log may have stopped
	os.Exit(code)
}

// run parses args, runs the command they name and returns the exit code. exit is called by --help and --version alone.
func run(args []string, stdout, stderr io.Writer, exit func(int)) int {
	if slices.Equal(args, []string{"--version"}) { // also with wrong variables, which kong would refuse first
		args = []string{"version"}
	}
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	parser, err := newParser(&commands{}, config.NewSources(), stdout, stderr, exit)
	if err != nil {
		return complain(stderr, err, exitSettings)
	}
	if err := unknownCommand(parser, args); err != nil {
		return complain(stderr, err, exitSettings)
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		return complain(stderr, fmt.Errorf("%w\nmomentum --help lists what can be set", err), exitSettings)
	}
	if err := ctx.Run(reread(func() (*config.Config, *config.Sources, error) { return readSettings(args) })); err != nil {
		var reported reportedError
		if errors.As(err, &reported) {
			return exitCode(err)
		}
		return complain(stderr, err, exitCode(err))
	}
	return 0
}

// unknownCommand returns an error if the first argument is a word but no command. kong takes such a word for an
// argument of serve, which has none.
func unknownCommand(parser *kong.Kong, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return nil
	}
	known := make(map[string]bool)
	for _, command := range parser.Model.Children {
		known[command.Name] = true
	}
	if known[args[0]] {
		return nil
	}
	return fmt.Errorf("there is no command %q; did you mean %q?\nmomentum --help lists all of them", args[0], config.Nearest(args[0], known))
}

// readSettings returns the settings of serve, and the source of each.
func readSettings(args []string) (*config.Config, *config.Sources, error) {
	var into commands
	s := config.NewSources()
	parser, err := newParser(&into, s, io.Discard, io.Discard, func(int) {})
	if err == nil {
		_, err = parser.Parse(args)
	}
	if err != nil {
		return nil, nil, err
	}
	c, err := into.Serve.Settings.Checked()
	return c, s, err
}

func newParser(into *commands, s *config.Sources, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return flagvalue.New(into, append(append(s.ParserOptions(), idMappers()...),
		kong.Name("momentum"),
		kong.PostBuild(brief),
		kong.Vars{"version": named()},
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
		kong.BindTo(stdout, (*io.Writer)(nil)),
		kong.Bind(s),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
	)...)
}

// complain reports err to the operator, with one line for each of several problems, and returns code.
func complain(stderr io.Writer, err error, code int) int {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "momentum:", line)
	}
	return code
}
