package tidy

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// Limits in lines: the length of the longest ones today, which none may exceed. Code that fits on a screen can be read as
// one thing (see docs/adr/0001-record-decisions.md).
const (
	functionLines     = 35
	testFunctionLines = 55
	tableTestLines    = 75 // a test whose length is its table
	fileLines         = 347
	testFileLines     = 586
)

func TestFunctionsAreShort(t *testing.T) { hold(t, shortFunctions) }

func shortFunctions(files tree) []string {
	var broken []string
	for _, f := range files.goFiles() {
		for _, function := range f.functions() {
			if lines, limit := f.length(function), functionLimit(f, function); lines > limit {
				broken = append(broken, f.say(f.line(function.Pos()), "%s has %d lines, more than %d: give its steps names",
					function.Name.Name, lines, limit))
			}
		}
	}
	return broken
}

func functionLimit(f *file, function *ast.FuncDecl) int {
	switch {
	case f.isTest() && hasTable(function):
		return tableTestLines
	case f.isTest():
		return testFunctionLines
	}
	return functionLines
}

// hasTable reports whether a function has a literal list or map of three elements or more.
func hasTable(function *ast.FuncDecl) bool {
	found := false
	ast.Inspect(function, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch literal.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			found = found || len(literal.Elts) >= 3
		}
		return true
	})
	return found
}

func TestFilesAreShort(t *testing.T) { hold(t, shortFiles) }

func shortFiles(files tree) []string {
	var broken []string
	for _, f := range files.goFiles() {
		limit := fileLines
		if f.isTest() {
			limit = testFileLines
		}
		if lines := f.lines(); lines > limit {
			broken = append(broken, f.say(lines, "%d lines, more than %d: split it by concern", lines, limit))
		}
	}
	return broken
}

// emptyWords name a heap of things that have no owner.
var emptyWords = []string{"util", "common", "helper", "manager", "misc"}

func TestNamesSayWhatIsInside(t *testing.T) { hold(t, tellingNames) }

func tellingNames(files tree) []string {
	var broken []string
	for _, f := range files.goFiles() {
		names := append(strings.Split(f.directory(), "/"), strings.TrimSuffix(path.Base(f.path), ".go"), f.syntax.Name.Name)
		for _, word := range emptyWords {
			if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(strings.ToLower(name), word) }) {
				broken = append(broken, f.say(1, "%q names a heap: name the file and its package after what is inside", word))
			}
		}
	}
	return broken
}
