package tidy

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ban forbids a thing in some files. Things are written as use names them: "time.Sleep" for what a package
// exports (by import path), "panic" for the call, "init" for the function, "go" for the statement, "import net"
// for an import. A * stands for any letters.
type ban struct {
	things []string
	but    []string          // what the pattern covers and the ban does not
	where  func(*file) bool  // nil: everywhere
	except map[string]string // file or directory: why it may
	why    string
}

var bans = []ban{
	{
		things: []string{"time.Sleep"},
		why:    "wait for what you are waiting for (a channel, a deadline, a step of the fake clock): a sleep is too short on a busy machine and too long on any other",
	},
	{
		things: []string{"fmt.Print*", "print", "println"},
		where:  func(f *file) bool { return !f.under("cmd", "bench") },
		why:    "log through slog, or return a value: only a command owns standard output",
	},
	{
		things: []string{"os.Stdout", "os.Stderr", "log/slog.New*Handler"},
		where:  func(f *file) bool { return f.under("netpoll", "protocol", "server", "cmd/momentum") && !f.isTest() },
		except: map[string]string{
			"cmd/momentum/main.go":  "hands them to the commands",
			"cmd/momentum/serve.go": "hands standard error to internal/logging",
		},
		why: "log through the logger you are given: a write to a file waits for its reader, and other handlers than that of internal/logging write durations and reasons as bare numbers",
	},
	{
		things: []string{"panic"},
		why:    "return an error: one bad input must not end a node with everybody on it",
	},
	{
		things: []string{"time.Now", "time.Since", "time.Until"},
		where:  func(f *file) bool { return f.under("netpoll", "protocol", "server") && !f.isTest() },
		why:    "take now or a clock as a parameter, so that a node can run in a simulated world",
	},
	{
		things: []string{"math/rand.*", "math/rand/v2.*"},
		but:    []string{"*.New*", "*.Rand", "*.Source", "*.Source64", "*.PCG", "*.ChaCha8", "*.Zipf"},
		except: map[string]string{
			"cmd/momentum/wire.go": "draws the seed that everything else is replayed from",
		},
		why: "take a *rand.Rand made from a seed: what the global functions do cannot be replayed",
	},
	{
		things: []string{"log.Fatal*", "log.Panic*", "os.Exit"},
		where:  func(f *file) bool { return !strings.HasSuffix(f.path, "/main.go") },
		why:    "return an error: only main decides that the process ends, and deferred work must run before",
	},
	{
		things: []string{"net/http.DefaultServeMux", "net/http.Handle", "net/http.HandleFunc", "net/http.Serve", "net/http.ListenAndServe*"},
		except: map[string]string{"bench/rivals": "other servers, as their own examples write them"},
		why:    "serve a mux of your own: what libraries put on the default one (net/http/pprof does) would be served to anybody",
	},
	{
		things: []string{"init"},
		why:    "make it a value that main hands over: an init function runs in every test and in an order nobody sees",
	},
	{
		things: []string{"go", "import net", "import os", "import context", "import log/slog", "net/http.*", "sync.*"},
		but:    []string{"net/http.Status*", "net/http.Method*", "sync.Pool"}, // names, and spare memory
		where:  func(f *file) bool { return f.directory() == "protocol" && !f.isTest() },
		why:    "protocol has no clock, no goroutine and no I/O: let the caller do it",
	},
}

func TestNothingBannedIsUsed(t *testing.T) { hold(t, avoidBans) }

func avoidBans(files tree) []string {
	var broken []string
	for _, f := range files.goFiles() {
		for _, u := range uses(f) {
			for _, b := range bans {
				if b.holds(f) && b.covers(u.thing) {
					broken = append(broken, f.say(u.line, "%s: %s", u.thing, b.why))
				}
			}
		}
	}
	return broken
}

func (b ban) holds(f *file) bool {
	for excepted := range b.except {
		if f.path == excepted || f.under(excepted) {
			return false
		}
	}
	return b.where == nil || b.where(f)
}

func (b ban) covers(thing string) bool {
	is := func(pattern string) bool {
		slashless := strings.NewReplacer("/", "\x00") // path.Match stops a * at a slash, and we do not want that
		matched, _ := path.Match(slashless.Replace(pattern), slashless.Replace(thing))
		return matched
	}
	return slices.ContainsFunc(b.things, is) && !slices.ContainsFunc(b.but, is)
}

func TestEveryExceptionExists(t *testing.T) { hold(t, liveExceptions) }

// liveExceptions finds exceptions for files that are gone.
func liveExceptions(files tree) []string {
	var broken []string
	for _, b := range bans {
		for excepted := range b.except {
			if !slices.ContainsFunc(files, func(f *file) bool { return f.path == excepted || f.under(excepted) }) {
				broken = append(broken, excepted+" is gone: delete its exception from bans in internal/tidy")
			}
		}
	}
	return broken
}

// use is a thing that a file uses.
type use struct {
	thing string
	line  int
}

// uses lists what bans can be about.
func uses(f *file) []use {
	packages := make(map[string]string) // the name a file calls a package by, and its path
	var all []use
	for _, spec := range f.syntax.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		packages[localName(spec, imported)] = imported
		all = append(all, use{"import " + imported, f.line(spec.Pos())})
	}
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		if function, ok := node.(*ast.FuncDecl); ok && f.isTest() && function.Name.Name == "TestMain" {
			return false // a test program's main: it has no t to fail and may end the process
		}
		if thing := thingOf(node, packages); thing != "" {
			all = append(all, use{thing, f.line(node.Pos())})
		}
		return true
	})
	return all
}

// thingOf names what a node uses, or returns "".
func thingOf(node ast.Node, packages map[string]string) string {
	switch n := node.(type) {
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && packages[x.Name] != "" {
			return packages[x.Name] + "." + n.Sel.Name
		}
	case *ast.CallExpr:
		if called, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"panic", "print", "println"}, called.Name) {
			return called.Name
		}
	case *ast.FuncDecl:
		if n.Recv == nil && n.Name.Name == "init" {
			return "init"
		}
	case *ast.GoStmt:
		return "go"
	}
	return ""
}

// localName is what an import is called in its file: its alias, or the last element of its path that is not
// a major version.
func localName(spec *ast.ImportSpec, imported string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	base := path.Base(imported)
	if _, err := strconv.Atoi(strings.TrimPrefix(base, "v")); err == nil {
		base = path.Base(path.Dir(imported))
	}
	return base
}
