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
	"testing"
)

// file is one text file of the repository. go/parser has read it if it is Go.
type file struct {
	path   string // relative to the repository, with slashes
	text   []byte
	fset   *token.FileSet
	syntax *ast.File // nil for what is not Go
}

// tree is every text file, ordered by path.
type tree []*file

// rule looks at a tree and says what is against it, each as "file:line: what to do".
type rule func(tree) []string

// hold fails t with each line that the repository breaks the rule in.
func hold(t *testing.T, r rule) {
	t.Helper()
	repository, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range r(repository) {
		t.Error(line)
	}
}

// load reads a file system's text files, leaving out hidden directories, what was built, and test data,
// which may be wrong on purpose.
func load(system fs.FS) (tree, error) {
	var all tree
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
		f, err := read(system, name)
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

// read returns nil for a file that is not text.
func read(system fs.FS, name string) (*file, error) {
	text, err := fs.ReadFile(system, name)
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return nil, err
	}
	f := &file{path: name, text: text, fset: token.NewFileSet()}
	if path.Ext(name) == ".go" {
		f.syntax, err = parser.ParseFile(f.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	}
	return f, err
}

func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// directory is the package's path below the module; "." for the top.
func (f *file) directory() string { return path.Dir(f.path) }

// under says whether the file is in one of the directories or below it.
func (f *file) under(directories ...string) bool {
	return slices.ContainsFunc(directories, func(d string) bool { return strings.HasPrefix(f.path, d+"/") })
}

func (f *file) line(p token.Pos) int { return f.fset.Position(p).Line }

// say writes one line of complaint.
func (f *file) say(line int, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", f.path, line, fmt.Sprintf(format, args...))
}

// goFiles are the files that hold Go.
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
