// Command momentum is the server: WebSocket messaging for very high connection counts on one Linux host.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"momentum/internal/logging"
)

// Exit codes. A supervisor should not restart a server that was started wrongly, so it can tell the two apart.
const (
	exitFailed = 1 // it ran and failed, or its settings are not good
	exitUsage  = 2 // the command line or a variable could not be read
)

const description = `A WebSocket messaging server for very high connection counts on one host.

Every setting is a flag, an environment variable and a line of the file that --config names; the flag wins, then the
variable. A variable that is set to nothing counts as not set. The variable of a secret with _FILE behind its name
names a file that the secret is in. SIGHUP reads the files again.

    momentum serve --dev    to try it
    momentum config         to see what is in force, and where each value has come from
    momentum check          to see whether a configuration is good before it is used
    momentum migrate        to make the tables, where users are in a database`

// commands is what can be written behind "momentum".
type commands struct {
	Serve   serveCmd   `cmd:"" default:"withargs" help:"Run the server. This is what happens when no command is named."`
	Token   tokenCmd   `cmd:"" help:"Sign a token, for a script or for the demo page."`
	Users   usersCmd   `cmd:"" help:"Add users to the database, list them, let them connect or not."`
	Migrate migrateCmd `cmd:"" help:"Make the tables in the database, or bring them up to date."`
	Check   checkCmd   `cmd:"" help:"Say what is in force and whether the server would start with it, without serving."`
	Config  configCmd  `cmd:"" help:"Show what is in force and where each value has come from, without secrets."`
	Version versionCmd `cmd:"" help:"Print the version, the commit it was built from and the Go release."`
}

// serveCmd runs the server.
type serveCmd struct {
	Settings settings `embed:""`
}

// reread reads the command line, the environment and the files once more.
type reread func() (*Config, *sources, error)

func main() {
	stderr := logging.NewWriter(os.Stderr)
	code := run(os.Args[1:], os.Stdout, stderr, os.Exit)
	stderr.Close(lastLines) // its reader may have stopped
	os.Exit(code)
}

// run parses args, runs the command they name and returns the exit code. exit is called by --help alone.
func run(args []string, stdout, stderr io.Writer, exit func(int)) int {
	parser, err := newParser(&commands{}, newSources(), stdout, stderr, exit)
	if err != nil {
		return complain(stderr, err, exitUsage)
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		return complain(stderr, fmt.Errorf("%w\nmomentum --help lists what can be set", err), exitUsage)
	}
	if err := ctx.Run(reread(func() (*Config, *sources, error) { return readSettings(args) })); err != nil {
		return complain(stderr, err, exitFailed)
	}
	return 0
}

// readSettings returns what serve is to run with, and where that has come from.
func readSettings(args []string) (*Config, *sources, error) {
	var into commands
	s := newSources()
	parser, err := newParser(&into, s, io.Discard, io.Discard, func(int) {})
	if err == nil {
		_, err = parser.Parse(args)
	}
	if err != nil {
		return nil, nil, err
	}
	c, err := into.Serve.Settings.checked()
	return c, s, err
}

func newParser(into *commands, s *sources, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(into,
		kong.Name("momentum"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
		kong.BindTo(stdout, (*io.Writer)(nil)),
		kong.Bind(s),
		kong.Resolvers(s),
		kong.WithBeforeResolve(s.find),
		kong.NamedMapper("seconds", kong.MapperFunc(decodeSeconds)),
		kong.PostBuild(ignoreEmpty),
		kong.ValueFormatter(describeSetting),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
	)
}

// ignoreEmpty makes a variable that is set to nothing count as not set: compose files and unit files pass
// such variables on (PORT=${PORT}), and nobody means "no port" by it.
func ignoreEmpty(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			flag.Tag.Envs = slices.DeleteFunc(slices.Clone(flag.Tag.Envs), func(name string) bool {
				value, set := os.LookupEnv(name)
				return set && value == ""
			})
		}
		return next(nil)
	})
}

// describeSetting adds the variable to a flag's help, also one that ignoreEmpty put aside.
func describeSetting(v *kong.Value) string {
	name := v.Tag.Get("env")
	if name == "" {
		return v.Help
	}
	return fmt.Sprintf("%s ($%s).", strings.TrimSuffix(v.Help, "."), name)
}

// complain tells the operator err, a line for each of several problems, and returns code.
func complain(stderr io.Writer, err error, code int) int {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "momentum:", line)
	}
	return code
}
