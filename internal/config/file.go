package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"time"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v4"
)

// largestFile is several times a file with every setting and its explanation in it.
const largestFile = 1 << 20

// othersMayRead is the bit of a file's mode that lets every user of the host read it.
const othersMayRead = 0o004

// fileFlag is the flag that names the settings file, and so has no place in it.
const fileFlag = "config"

// written is a value in a settings file, and its line.
type written struct {
	text string
	line int
}

// settingsFile is the content of a settings file, by flag.
type settingsFile struct {
	path   string
	flags  map[string]*kong.Flag // the settings that it may contain
	seen   map[string]int        // by key, the first line that has it, with a value or without
	values map[string]written
	open   bool // other users of the host can read it
}

// readFile reads the settings file for a command with these flags, or returns all its faults. Only --config and
// MOMENTUM_CONFIG name it: a momentum.yaml in the current directory would otherwise change the server silently, and
// any user with write access there could add one.
func readFile(path string, flags []*kong.Flag) (*settingsFile, error) {
	f := &settingsFile{path: path, flags: make(map[string]*kong.Flag), seen: make(map[string]int), values: make(map[string]written)}
	for _, flag := range flags {
		if flag.Name != fileFlag && flag.Group != nil { // the other flags of a command have no group
			f.flags[flag.Name] = flag
		}
	}
	text, open, err := readSmall(path)
	if err != nil {
		return f, fmt.Errorf("cannot read the settings file: %w", err)
	}
	f.open = open
	top, err := f.parse(text)
	if err != nil || top == nil {
		return f, err
	}
	var problems []error
	for i := 0; i+1 < len(top.Content); i += 2 {
		problems = append(problems, f.take(top.Content[i], top.Content[i+1]))
	}
	return f, errors.Join(problems...)
}

// readSmall reads a file that should be small, and says whether other users can read it too.
func readSmall(path string) (text []byte, open bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, false, err
	}
	text, err = io.ReadAll(io.LimitReader(file, largestFile+1))
	if err == nil && len(text) > largestFile {
		err = fmt.Errorf("%s has more than %d bytes", path, largestFile)
	}
	return text, info.Mode()&othersMayRead != 0, err
}

// parse returns the mapping in the file, or nil if the file has no setting.
func (f *settingsFile) parse(text []byte) (*yaml.Node, error) {
	var document, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, f.broken(err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: there is a second document: put all settings into one, without a line ---", f.path)
	}
	top := document.Content[0]
	switch {
	case top.Kind == yaml.ScalarNode && top.Tag == "!!null":
		return nil, nil
	case top.Kind != yaml.MappingNode:
		return nil, f.at(top, "write settings as NAME: VALUE, one a line, such as max-connections: 20000")
	}
	return top, nil
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// broken returns an error for unreadable YAML, with its line, in the form of all errors about the file.
func (f *settingsFile) broken(err error) error {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%s:%s: this is no YAML: %s", f.path, m[1], err.Error()[len(m[0]):])
	}
	return fmt.Errorf("%s: %w", f.path, err)
}

func (f *settingsFile) at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", f.path, n.Line, fmt.Errorf(format, args...))
}

// take keeps one setting, or returns its fault. A key without a value counts as not set, like an empty variable.
func (f *settingsFile) take(key, value *yaml.Node) error {
	flag := f.flags[key.Value]
	if flag == nil || key.Kind != yaml.ScalarNode {
		return f.at(key, "there is no setting %s; did you mean %s?", key.Value, f.meant(key.Value))
	}
	if first, twice := f.seen[key.Value]; twice {
		return f.at(key, "%s is there already in line %d: delete one of the two", key.Value, first)
	}
	f.seen[key.Value] = key.Line
	text, ok := flatten(value, flag.IsSlice())
	if ok && text == "" {
		return nil
	}
	if !ok || decodes(flag, text) != nil {
		return f.at(key, "%s is %s: write %s", key.Value, shown(flag, value, text), wanted(flag))
	}
	f.values[key.Value] = written{text, key.Line}
	return nil
}

// meant returns the setting with the flag or variable nearest to text.
func (f *settingsFile) meant(text string) string {
	spellings := make(map[string]string)
	for name, flag := range f.flags {
		spellings[name] = name
		for _, variable := range variablesOf(flag) {
			spellings[variable] = name
		}
	}
	return spellings[Nearest(text, spellings)]
}

// flatten returns a value in the form that a flag takes.
func flatten(value *yaml.Node, list bool) (text string, ok bool) {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	switch {
	case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
		return "", true
	case value.Kind == yaml.ScalarNode:
		return value.Value, true
	case value.Kind != yaml.SequenceNode || !list:
		return "", false
	}
	var items []string
	for _, item := range value.Content {
		if item.Kind != yaml.ScalarNode {
			return "", false
		}
		items = append(items, item.Value)
	}
	return kong.JoinEscaped(items, ','), true
}

// decodes returns an error if the flag cannot be set to text.
func decodes(flag *kong.Flag, text string) error {
	scan := kong.Scan().PushTyped(text, kong.FlagValueToken)
	return flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, reflect.New(flag.Target.Type()).Elem())
}

// shown is a value for an error, which must not contain a secret.
func shown(flag *kong.Flag, value *yaml.Node, text string) string {
	switch {
	case value.Kind == yaml.SequenceNode:
		return "a list"
	case value.Kind == yaml.MappingNode:
		return "a group of settings"
	case isSecret(flag):
		return "not what it should be"
	}
	return fmt.Sprintf("%q", text)
}

// wanted describes the form of a setting of this type.
func wanted(flag *kong.Flag) string {
	switch {
	case flag.Target.Type() == reflect.TypeFor[time.Duration]():
		return "seconds (300) or a duration (1m30s)"
	case flag.IsBool():
		return "true or false"
	case flag.IsSlice():
		return "a list, such as [a, b], or a,b"
	case flag.Target.Kind() == reflect.String:
		return "one piece of text, in quotation marks if it has signs that YAML knows"
	}
	return "a whole number, such as 100"
}
