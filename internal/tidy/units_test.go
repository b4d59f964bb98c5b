package tidy

import (
	"maps"
	"path"
	"slices"
)

// unit is one package: its code and its tests.
type unit struct {
	directory string
	code      tree
	tests     tree
}

// units are the packages that hold code, ordered by directory. It leaves out other modules inside the repository,
// which cannot be type-checked with the dependencies of this one.
func (t tree) units() []unit {
	found := make(map[string]*unit)
	for _, f := range t.goFiles() {
		if t.isForeign(f) {
			continue
		}
		u := found[f.directory()]
		if u == nil {
			u = &unit{directory: f.directory()}
			found[f.directory()] = u
		}
		if f.isTest() {
			u.tests = append(u.tests, f)
		} else {
			u.code = append(u.code, f)
		}
	}
	var all []unit
	for _, directory := range slices.Sorted(maps.Keys(found)) {
		if len(found[directory].code) > 0 {
			all = append(all, *found[directory])
		}
	}
	return all
}

// isForeign reports whether a file belongs to another module than the one at the top.
func (t tree) isForeign(f *file) bool {
	return slices.ContainsFunc(t, func(g *file) bool {
		return path.Base(g.path) == "go.mod" && g.path != "go.mod" && f.under(g.directory())
	})
}

// functionLengths are the lengths in lines of all functions and methods, in ascending order.
func (u unit) functionLengths() []int {
	var lengths []int
	for _, f := range u.code {
		for _, function := range f.functions() {
			lengths = append(lengths, f.length(function))
		}
	}
	slices.Sort(lengths)
	return lengths
}

// quantile is the element at a share of a sorted list, 1 being its end.
func quantile(sorted []int, share float64) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// longestFile is the length in lines of the longest file of code.
func (u unit) longestFile() int {
	longest := 0
	for _, f := range u.code {
		longest = max(longest, f.lines())
	}
	return longest
}

// documented is the percentage of exported names that have a comment.
func (u unit) documented() int {
	all, without := 0, 0
	for _, f := range u.code {
		for _, declaration := range f.syntax.Decls {
			all += len(exportedBy(declaration))
			without += len(undocumented(declaration))
		}
	}
	if all == 0 {
		return 100
	}
	return 100 * (all - without) / all
}
