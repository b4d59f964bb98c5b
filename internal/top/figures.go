package top

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// bytes returns a number of bytes in four or five letters.
func bytes(n float64) string {
	for _, unit := range []string{"B", "K", "M", "G"} {
		if n < 1000 {
			if unit == "B" || n >= 100 {
				return fmt.Sprintf("%.0f%s", n, unit)
			}
			return fmt.Sprintf("%.1f%s", n, unit)
		}
		n /= 1024
	}
	return fmt.Sprintf("%.1fT", n)
}

// optional returns a figure, or a dash if it is not known.
func optional(x *float64, form string) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf(form, *x)
}

// byCount returns names with their figures, the highest first.
func byCount(of map[string]float64, form string) (items []string) {
	names := slices.Sorted(maps.Keys(of))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(of[b], of[a]) })
	for _, name := range names {
		items = append(items, fmt.Sprintf(form, name, of[name]))
	}
	return items
}

// printable replaces letters that would move the cursor or change the terminal: names come from clients.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}

// fit cuts a line at a width, or fills it.
func fit(text string, width int) string {
	letters := []rune(printable(text))
	if len(letters) > width {
		return string(letters[:max(0, width)])
	}
	return string(letters) + strings.Repeat(" ", width-len(letters))
}
