package commandline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells are the shells that Completion knows.
var Shells = []string{"bash", "zsh", "fish"}

// Completion returns a script that makes a shell complete the commands and flags of a program. It is made from the table that --help
// prints, so that it names whatever the program takes, and nothing else.
func Completion(model *kong.Application, shell string) (string, error) {
	t := tableOf(model)
	switch shell {
	case "bash":
		return t.bash(), nil
	case "zsh":
		return t.zsh(), nil
	case "fish":
		return t.fish(), nil
	}
	return "", fmt.Errorf("there is no completion for %q: name one of %s", shell, strings.Join(Shells, ", "))
}

// table lists the places in which a word can be completed: the program itself, its commands, and theirs.
type table struct {
	program string
	places  []place
}

// place is a command. Its path is "" for the program itself, and otherwise begins each command with a slash.
type place struct {
	path  string
	words []word
	flags []flag
}

// word is a command or an argument of a fixed list.
type word struct{ name, help string }

// flag is a flag with its leading dashes. Values are the ones that it takes, if there is a fixed list.
type flag struct {
	name, help string
	takes      bool // a value follows
	file       bool // the value is the name of a file
	values     []string
}

func tableOf(model *kong.Application) *table {
	t := &table{program: model.Name}
	t.add("", model.Node, nil)
	return t
}

// add adds a command and those below it. A command takes the flags of those above it, too.
func (t *table) add(path string, n *kong.Node, above []flag) {
	p := place{path: path, flags: append(slices.Clone(above), flagsOf(n)...)}
	inherited := p.flags
	if n.DefaultCmd != nil { // may be left out
		p.flags = append(slices.Clone(p.flags), flagsOf(n.DefaultCmd)...)
	}
	for _, argument := range n.Positional {
		for _, name := range sorted(argument.EnumMap()) {
			p.words = append(p.words, word{name: name})
		}
	}
	for _, command := range n.Children {
		if !command.Hidden {
			p.words = append(p.words, word{command.Name, brief(command.Help)})
		}
	}
	t.places = append(t.places, p)
	for _, command := range n.Children {
		if !command.Hidden {
			t.add(path+"/"+command.Name, command, inherited)
		}
	}
}

func flagsOf(n *kong.Node) (all []flag) {
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		one := flag{
			name: "--" + f.Name, help: brief(f.Help), takes: !f.IsBool(),
			file: strings.HasPrefix(f.PlaceHolder, "FILE"), values: valuesOf(f),
		}
		all = append(all, one)
		if f.Tag.Negatable != "" {
			all = append(all, flag{name: "--no-" + f.Name, help: brief(f.Help)})
		}
	}
	return all
}

// valuesOf returns the values of a flag: those that kong knows, or those of its placeholder (none|subscribe|all).
func valuesOf(f *kong.Flag) []string {
	if values := sorted(f.EnumMap()); len(values) > 0 {
		return values
	}
	if strings.Contains(f.PlaceHolder, "|") {
		return strings.Split(f.PlaceHolder, "|")
	}
	return nil
}

// sorted lists the values of kong's enum, which has an empty one if there is none.
func sorted(values map[string]bool) (all []string) {
	for value := range values {
		if value != "" {
			all = append(all, value)
		}
	}
	slices.Sort(all)
	return all
}

// brief is the first sentence of a help text.
func brief(help string) string {
	help, _, _ = strings.Cut(help, ". ")
	help, _, _ = strings.Cut(help, ": ")
	return strings.TrimSuffix(help, ".")
}

// quote quotes a text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// takers returns the names of the flags that take a value, each once.
func (t *table) takers() (all []string) {
	for _, p := range t.places {
		for _, f := range p.flags {
			if f.takes && !slices.Contains(all, f.name) {
				all = append(all, f.name)
			}
		}
	}
	return all
}

// paths returns the paths of all commands.
func (t *table) paths() (all []string) {
	for _, p := range t.places[1:] {
		all = append(all, p.path)
	}
	return all
}
