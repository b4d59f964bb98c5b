package commandline

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"momentum/internal/flagvalue"
)

// tool has everything that a table distinguishes.
type tool struct {
	Run struct {
		Level  string `placeholder:"high|low" help:"How it's done: with a colon. And more."`
		Config string `placeholder:"FILE" help:"A file."`
		Fast   bool   `negatable:"" help:"Be quick."`
		Inner  string `hidden:""`
	} `cmd:"" default:"withargs" help:"Run it."`
	Users struct {
		Add struct {
			Name string `help:"The name."`
			JSON bool   `name:"json" help:"As JSON."`
		} `cmd:"" help:"Add a user."`
		List struct{} `cmd:"" help:"List users."`
	} `cmd:"" help:"Manage users."`
	Shell struct {
		Which string `arg:"" enum:"bash,zsh"`
	} `cmd:"" help:"Print."`
	Secret struct{} `cmd:"" hidden:""`
}

// script returns the script of the tool for a shell.
func script(t *testing.T, shell string) string {
	t.Helper()
	parser, err := flagvalue.New(&tool{}, kong.Name("tool"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := Completion(parser.Model, shell)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// completions are the words that end with the one to complete, and the words that a shell offers.
var completions = []struct{ line, want string }{
	{"tool ", "run shell users"},
	{"tool u", "users"},
	{"tool --l", "--level"},
	{"tool --", "--config --fast --help --level --no-fast"},
	{"tool users ", "add list"},
	{"tool users add --", "--help --json --name"},
	{"tool users add --json ", ""},
	{"tool --level users ", "run shell users"}, // the word is the value of a flag
	{"tool --level ", "high low"},
	{"tool run --level l", "low"},
	{"tool shell ", "bash zsh"},
}

// offers compares the completions of a shell with the ones wanted.
func offers(t *testing.T, shell string, ask func(line string) *exec.Cmd) {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skip(shell, "is not installed")
	}
	for _, tt := range completions {
		command := ask(tt.line)
		command.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
		said, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", tt.line, err, said)
		}
		var names []string
		for line := range strings.Lines(string(said)) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			names = append(names, name)
		}
		slices.Sort(names)
		if got := strings.TrimSpace(strings.Join(names, " ")); got != tt.want {
			t.Errorf("%q is completed with %q, want %q", tt.line, got, tt.want)
		}
	}
}

// saved returns the path of a script, and the words of a line as a shell has them.
func saved(t *testing.T, shell string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte(script(t, shell)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOtherShellsAreNamed(t *testing.T) {
	parser, err := flagvalue.New(&tool{}, kong.Name("tool"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Completion(parser.Model, "ksh"); err == nil || !strings.Contains(err.Error(), "bash, zsh, fish") {
		t.Error(err)
	}
}

func TestHiddenThingsAreNotOffered(t *testing.T) {
	for _, shell := range Shells {
		text := script(t, shell)
		if strings.Contains(text, "inner") || strings.Contains(text, "secret") || !strings.Contains(text, "add") {
			t.Errorf("the script for %s:\n%s", shell, text)
		}
	}
}
