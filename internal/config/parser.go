package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// ParserOptions make a command line read the Settings in a command from all sources. The values are noted in s.
func (s *Sources) ParserOptions() []kong.Option {
	return []kong.Option{
		kong.Resolvers(s),
		kong.WithBeforeReset(readableVariables),
		kong.WithBeforeResolve(s.find),
		kong.NamedMapper("seconds", kong.MapperFunc(decodeSeconds)),
		kong.PostBuild(ignoreEmpty),
		kong.ValueFormatter(describeSetting),
	}
}

// readableVariables returns the faults of all unreadable variables, where kong would name only the first.
func readableVariables(ctx *kong.Context) error {
	if ctx.Selected() == nil {
		return nil
	}
	var problems []error
	for _, flag := range ctx.Selected().Flags {
		for _, variable := range flag.Tag.Envs {
			if text := os.Getenv(variable); text != "" && decodes(flag, text) != nil {
				problems = append(problems, fmt.Errorf("%s (--%s) is %q: write %s", variable, flag.Name, text, wanted(flag)))
			}
		}
	}
	return errors.Join(problems...)
}

// ignoreEmpty makes a variable that is set to nothing count as not set: compose files and unit files pass
// such variables on (PORT=${PORT}), and do not mean "no port".
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

// describeSetting adds the variable to a flag's help, even if ignoreEmpty has removed it.
func describeSetting(v *kong.Value) string {
	name := v.Tag.Get("env")
	if name == "" {
		return v.Help
	}
	return fmt.Sprintf("%s ($%s).", strings.TrimSuffix(v.Help, "."), name)
}
