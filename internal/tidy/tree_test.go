package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// file is one file of the repository, parsed if it is Go.
type file struct {
	path   string // relative to the repository, with slashes
	text   []byte
	fset   *token.FileSet
	syntax *ast.File // nil if it is not Go
}

// tree is every file, ordered by path.
type tree []*file

// rule checks a tree and returns one line for each violation: "file:line: how to correct it".
type rule func(tree) []string

// hold fails t with each violation in the repository.
func hold(t *testing.T, r rule) {
	t.Helper()
	for _, line := range r(theRepository(t)) {
		t.Error(line)
	}
}

// readOnce reads the repository for all tests. No rule changes a tree.
var readOnce = sync.OnceValues(func() (tree, error) { return load(os.DirFS("../..")) })

func theRepository(t *testing.T) tree {
	t.Helper()
	repository, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	return repository
}

// load reads a file system's files. It leaves out hidden directories, built files, and test data, which may
// be wrong on purpose.
func load(system fs.FS) (tree, error) {
	var all tree
	fset := token.NewFileSet() // one for all: go/types checks the files of a package together
	err := fs.WalkDir(system, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && leftOut(entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || entry.Name() == ".git" { // in a second work tree .git is a file
			return nil
		}
		f, err := read(system, fset, name)
		if f != nil {
			all = append(all, f)
		}
		return err
	})
	return all, err
}

func leftOut(directory string) bool {
	hidden := strings.HasPrefix(directory, ".") && directory != ".ci"
	return hidden || slices.Contains([]string{"bin", "testdata", "node_modules"}, directory)
}

// read returns a file. Of one that is not text, such as a picture, it returns the path alone, to which documents may link.
func read(system fs.FS, fset *token.FileSet, name string) (*file, error) {
	text, err := fs.ReadFile(system, name)
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return &file{path: name}, nil
	}
	f := &file{path: name, text: text, fset: fset}
	if path.Ext(name) == ".go" {
		f.syntax, err = parser.ParseFile(f.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	}
	return f, err
}

func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// directory is the package's path below the module; "." for the top.
func (f *file) directory() string { return path.Dir(f.path) }

// under reports whether the file is in one of the directories or below it.
func (f *file) under(directories ...string) bool {
	return slices.ContainsFunc(directories, func(d string) bool { return strings.HasPrefix(f.path, d+"/") })
}

func (f *file) line(p token.Pos) int { return f.fset.Position(p).Line }

// say formats a complaint about a line.
func (f *file) say(line int, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", f.path, line, fmt.Sprintf(format, args...))
}

// goFiles are the Go files.
func (t tree) goFiles() tree {
	return slices.DeleteFunc(slices.Clone(t), func(f *file) bool { return f.syntax == nil })
}

// functions are the functions and methods declared in the file.
func (f *file) functions() []*ast.FuncDecl {
	var all []*ast.FuncDecl
	for _, declaration := range f.syntax.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok {
			all = append(all, function)
		}
	}
	return all
}

// lines is the number of lines of a file.
func (f *file) lines() int { return bytes.Count(f.text, []byte("\n")) }

// length is the number of lines of a function.
func (f *file) length(function *ast.FuncDecl) int {
	return f.line(function.End()) - f.line(function.Pos()) + 1
}

// top is the file's top-level directory; "." for a file at the top.
func (f *file) top() string {
	if first, _, below := strings.Cut(f.path, "/"); below {
		return first
	}
	return "."
}

// tops are the top-level directories that hold files, in order.
func (t tree) tops() []string {
	var all []string
	for _, f := range t {
		all = append(all, f.top())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// below are the files of one top-level directory.
func (t tree) below(top string) tree {
	return slices.DeleteFunc(slices.Clone(t), func(f *file) bool { return f.top() != top })
}
