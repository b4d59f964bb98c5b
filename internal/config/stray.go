package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// ownPrefixes are the prefixes of variables that only our programs read. Other programs share names such as PORT.
var ownPrefixes = []string{"WS_", "MOMENTUM_", "JWT_"}

// neighbours are variables with these prefixes that our other programs read.
var neighbours = []string{"WS_URL"}

// linked matches variables that Kubernetes and Docker make from the name of a service, for example momentum.
var linked = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP)|_PORT=(tcp|udp)://`)

// strayVariables warns of variables with our prefixes that nothing reads: a misspelt limit would have no effect. It
// is not an error, because other programs share the environment.
func strayVariables(environment []string, app *kong.Application) []string {
	known := make(map[string]bool)
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			for _, name := range variablesOf(flag) {
				known[name] = true
				if isSecret(flag) {
					known[name+fileSuffix] = true
				}
			}
		}
		return next(nil)
	})
	var all []string
	for _, entry := range slices.Sorted(slices.Values(environment)) {
		name, value, _ := strings.Cut(entry, "=")
		ours := slices.ContainsFunc(ownPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if ours && value != "" && !known[name] && !slices.Contains(neighbours, name) && !linked.MatchString(entry) {
			all = append(all, fmt.Sprintf("the variable %s is no setting; did you mean %s?", name, meantVariable(name, known)))
		}
	}
	return all
}

// meantVariable is the nearest known variable, or the same without our prefix: MOMENTUM_PORT becomes PORT.
func meantVariable(name string, known map[string]bool) string {
	for _, prefix := range ownPrefixes {
		if bare, ok := strings.CutPrefix(name, prefix); ok && known[bare] {
			return bare
		}
	}
	return Nearest(name, known)
}
