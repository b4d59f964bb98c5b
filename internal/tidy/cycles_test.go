package tidy

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
)

// edges says which files use names that other files of the same package declare: functions, methods, types,
// variables and constants.
type edges map[string]map[string]bool

// usesBetween type-checks the code of one package and returns its edges.
func usesBetween(code tree) (edges, error) {
	var syntax []*ast.File
	for _, f := range code {
		syntax = append(syntax, f.syntax)
	}
	fset := code[0].fset
	uses := make(map[*ast.Ident]types.Object)
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", exported)}
	checked, err := config.Check(code[0].directory(), fset, syntax, &types.Info{Uses: uses})
	found := make(edges)
	for name, object := range uses {
		user, owner := fset.Position(name.Pos()).Filename, fset.Position(object.Pos()).Filename
		if object.Pkg() == checked && user != owner && belongsToPackage(object) {
			if found[user] == nil {
				found[user] = make(map[string]bool)
			}
			found[user][owner] = true
		}
	}
	return found, err
}

// belongsToPackage reports whether an object is declared at package level or is a method of such a type.
func belongsToPackage(object types.Object) bool {
	function, ok := object.(*types.Func)
	return ok && function.Signature().Recv() != nil || object.Parent() == object.Pkg().Scope()
}

// exported opens the compiled declarations of an imported package.
func exported(path string) (io.ReadCloser, error) {
	compiled, err := exports()
	if err != nil {
		return nil, err
	}
	return os.Open(compiled[path])
}

// exports asks the go command where the build cache keeps the declarations of each package that we import.
var exports = sync.OnceValues(func() (map[string]string, error) {
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./...")
	list.Dir = "../.."
	output, err := list.Output()
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		err = errors.New(string(failed.Stderr))
	}
	found := make(map[string]string)
	for line := range strings.Lines(string(output)) {
		path, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		found[path] = file
	}
	return found, err
})

// largestCycle returns the largest set of files that can all reach one another, in alphabetical order. It is nil if
// no two files can.
func (e edges) largestCycle() []string {
	reached := make(map[string]map[string]bool)
	for from := range e {
		reached[from] = make(map[string]bool)
		e.walk(from, reached[from])
	}
	var largest []string
	for _, from := range slices.Sorted(maps.Keys(e)) {
		var cycle []string
		for to := range reached[from] {
			if reached[to][from] {
				cycle = append(cycle, to)
			}
		}
		if len(cycle) > len(largest) {
			largest = cycle
		}
	}
	slices.Sort(largest)
	return largest
}

func (e edges) walk(from string, seen map[string]bool) {
	for to := range e[from] {
		if !seen[to] {
			seen[to] = true
			e.walk(to, seen)
		}
	}
}
