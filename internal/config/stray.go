package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// ownPrefixes begin the variables that only our programs read. Other programs share names such as PORT.
var ownPrefixes = []string{"WS_", "MOMENTUM_", "JWT_"}

// neighbours are variables under our prefixes that other programs of ours read.
var neighbours = []string{"WS_URL"}

// linked are variables that Kubernetes and Docker make up from the name of a service, momentum perhaps.
var linked = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP)|_PORT=(tcp|udp)://`)

// strayVariables warns of variables that look like ours and are not read: a misspelt limit is no limit. It is no error,
// because other programs share the environment.
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

// meantVariable is the nearest one that is read, or the same without our prefix: MOMENTUM_PORT is PORT.
func meantVariable(name string, known map[string]bool) string {
	for _, prefix := range ownPrefixes {
		if bare, ok := strings.CutPrefix(name, prefix); ok && known[bare] {
			return bare
		}
	}
	return Nearest(name, known)
}
