package config

import (
	"maps"
	"slices"
	"strings"

	"momentum/internal/commandline"
)

// Nearest returns the key of known that needs the fewest edits to become text; of several, the first in order. Upper
// or lower case, and _ for -, count as no edit, because these are the usual mistakes. A missing end counts as one
// edit, of any length.
func Nearest[V any](text string, known map[string]V) string {
	fold := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	best, fewest := "", -1
	for _, name := range slices.Sorted(maps.Keys(known)) {
		n := commandline.Edits(fold(text), fold(name))
		if text != "" && strings.HasPrefix(fold(name), fold(text)) {
			n = min(n, 1)
		}
		if fewest < 0 || n < fewest {
			best, fewest = name, n
		}
	}
	return best
}
