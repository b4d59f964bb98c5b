package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// fromDefault is the source of a setting that is not set.
const fromDefault = "default"

// fileSuffix is appended to the variable of a secret to name a file that holds it, as containers and systemd pass
// secrets: every child process inherits the variables of its parent.
const fileSuffix = "_FILE"

// Sources records the source of each setting. To kong's sources (flags, variables, defaults) it adds the settings
// file, which variables override, and the files of secrets.
type Sources struct {
	of       map[string]string // by flag: "default", a variable, --flag or FILE:LINE
	texts    map[string]string // the values in the file, by flag
	Warnings []string
	read     bool
}

// NewSources returns sources without any value.
func NewSources() *Sources {
	return &Sources{of: make(map[string]string), texts: make(map[string]string)}
}

// From returns the source of a setting: "default", a variable, --flag or FILE:LINE.
func (s *Sources) From(flag string) string { return cmp.Or(s.of[flag], fromDefault) }

// Validate does nothing: kong requires it of a resolver, and find has checked everything.
func (s *Sources) Validate(*kong.Application) error { return nil }

// Resolve returns the value in the file, if no source with precedence has one.
func (s *Sources) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if text, ok := s.texts[flag.Name]; ok {
		return text, nil
	}
	return nil, nil
}

// find reads the files that the flags and the variables of the command name. kong calls it for every word of the
// command line; the first time counts.
func (s *Sources) find(ctx *kong.Context) error {
	if s.read || ctx.Selected() == nil {
		return nil
	}
	s.read = true
	flags := ctx.Selected().Flags
	given := make(map[string]bool)
	for _, path := range ctx.Path {
		if path.Flag != nil {
			given[path.Flag.Name] = true
		}
	}
	file, err := s.openFile(ctx, flags)
	problems := []error{err}
	for _, flag := range flags {
		err := s.trace(flag, given[flag.Name], file)
		if err == nil && isSecret(flag) {
			err = s.checkSecret(ctx, flag)
		}
		problems = append(problems, err)
	}
	if file.open && slices.ContainsFunc(flags, func(f *kong.Flag) bool { return isSecret(f) && file.values[f.Name].line > 0 }) {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s holds a secret and every user of this host can read it: chmod o= %s", file.path, file.path))
	}
	s.Warnings = append(s.Warnings, strayVariables(os.Environ(), ctx.Model)...)
	return errors.Join(problems...)
}

// openFile reads the settings file, if one is named.
func (s *Sources) openFile(ctx *kong.Context, flags []*kong.Flag) (*settingsFile, error) {
	for _, flag := range flags {
		if flag.Name != fileFlag {
			continue
		}
		if path, _ := ctx.FlagValue(flag).(string); path != "" {
			return readFile(path, flags)
		}
	}
	return &settingsFile{}, nil
}

// trace records the source of a setting, and reads the setting if kong cannot.
func (s *Sources) trace(flag *kong.Flag, given bool, file *settingsFile) error {
	variable := cmp.Or(variablesOf(flag)...)
	set := variable != "" && os.Getenv(variable) != ""
	secretFile := ""
	if isSecret(flag) && variable != "" {
		secretFile = os.Getenv(variable + fileSuffix)
	}
	written, inFile := file.values[flag.Name]
	switch {
	case set && secretFile != "":
		return fmt.Errorf("%s and %s are both set: unset one of the two", variable, variable+fileSuffix)
	case given:
		s.of[flag.Name] = "--" + flag.Name
	case set:
		s.of[flag.Name] = variable
	case secretFile != "":
		s.of[flag.Name] = variable + fileSuffix
		return s.readSecret(flag.Name, variable+fileSuffix, secretFile)
	case inFile:
		s.of[flag.Name] = fmt.Sprintf("%s:%d", file.path, written.line)
		s.texts[flag.Name] = written.text
	default:
		s.of[flag.Name] = fromDefault
	}
	return nil
}

// readSecret reads a secret from the file that a variable names, without the newline at its end.
func (s *Sources) readSecret(flag, variable, path string) error {
	text, open, err := readSmall(path)
	if err != nil {
		return fmt.Errorf("%s: cannot read the secret: %w", variable, err)
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if secret == "" {
		return fmt.Errorf("%s names %s, which is empty: write the secret into it", variable, path)
	}
	if open {
		s.Warnings = append(s.Warnings, fmt.Sprintf("every user of this host can read %s, which %s names: chmod o= %s", path, variable, path))
	}
	s.texts[flag] = secret
	return nil
}

// checkSecret validates a secret from any source.
func (s *Sources) checkSecret(ctx *kong.Context, flag *kong.Flag) error {
	text, ok := s.texts[flag.Name]
	if !ok {
		text, _ = ctx.FlagValue(flag).(string)
	}
	err := secretFault(text)
	if err == nil {
		return nil
	}
	from := s.of[flag.Name]
	if strings.HasSuffix(from, fileSuffix) {
		from = fmt.Sprintf("the file %s that %s names", os.Getenv(from), from)
	}
	return fmt.Errorf("%s (--%s), from %s: %w", cmp.Or(variablesOf(flag)...), flag.Name, from, err)
}

// isSecret reports whether a setting must not be shown.
func isSecret(flag *kong.Flag) bool { return flag.Tag.Get("secret") != "" }

// variablesOf returns the variables of a flag, including those that ignoreEmpty has removed.
func variablesOf(flag *kong.Flag) []string {
	if names := flag.Tag.Get("env"); names != "" {
		return strings.Split(names, ",")
	}
	return nil
}
