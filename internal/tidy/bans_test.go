package tidy

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ban forbids things in some files: "time.Sleep" is an exported name (by import path), ".Unix" a method of any value,
// "panic" a call, "init" a function, "go" a statement, "import net" an import. A * stands for any letters.
type ban struct {
	things []string
	but    []string          // exceptions by pattern
	where  func(*file) bool  // nil: in all files
	except map[string]string // exceptions by file or directory, with the reason
	why    string
}

var bans = []ban{
	{
		things: []string{"time.Sleep"},
		why:    "wait for the event itself (a channel, a deadline, a step of the fake clock): a sleep is too short on a busy machine and too long on any other",
	},
	{
		things: []string{"fmt.Print*", "print", "println"},
		where:  func(f *file) bool { return !f.under("cmd", "bench", "examples") },
		except: map[string]string{"client/example_test.go": "the output of an example is its test"},
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
		things: []string{".Unix", ".UnixMilli", ".UnixMicro", ".UnixNano"},
		where:  func(f *file) bool { return f.under("netpoll", "protocol", "server") && !f.isTest() },
		except: map[string]string{
			"netpoll/netpolltest/clock.go":        "makes the readings of a clock",
			"server/admin/identity.go":            untilADate,
			"server/auth":                         untilADate,
			"server/cluster/redis/codec.go":       "tells other hosts when a message was sent",
			"server/directory/postgres/ledger.go": untilADate,
			"server/eviction.go":                  untilADate,
			"server/heldtoken.go":                 untilADate,
			"server/presence/hub.go":              "keeps for people to see when a user came",
			"server/revocation_list.go":           untilADate,
			"server/server.go":                    untilADate,
			"server/session_admit.go":             untilADate,
			"server/refresh.go":                   untilADate,
			"server/revocations.go":               untilADate,
			"server/stats.go":                     untilADate,
		},
		why: "subtract readings of the clock (time.Time.Sub) or take the elapsed time.Duration: seconds since 1970 jump when the host's date is set",
	},
	{
		things: []string{"math/rand.*", "math/rand/v2.*"},
		but:    []string{"*.New*", "*.Rand", "*.Source", "*.Source64", "*.PCG", "*.ChaCha8", "*.Zipf"},
		except: map[string]string{
			"cmd/momentum/wire.go": "draws the seed from which everything else can be replayed",
		},
		why: "take a *rand.Rand made from a seed: the global functions cannot be replayed",
	},
	{
		things: []string{"log.Fatal*", "log.Panic*", "os.Exit"},
		where:  func(f *file) bool { return !strings.HasSuffix(f.path, "/main.go") },
		why:    "return an error: only main ends the process, and deferred calls must run before",
	},
	{
		things: []string{"net/http.DefaultServeMux", "net/http.Handle", "net/http.HandleFunc", "net/http.Serve", "net/http.ListenAndServe*"},
		except: map[string]string{"bench/rivals": "other servers, as their own examples write them"},
		why:    "make a mux: handlers that libraries add to the default one (net/http/pprof does) would be served to every client",
	},
	{
		things: []string{"flag.Int*", "flag.Uint*", kong + ".New", kong + ".Parse"},
		where:  func(f *file) bool { return !f.isTest() },
		except: map[string]string{"internal/flagvalue": "wraps kong.New"},
		why:    "use flagvalue.New, or flag.Func with strconv.Atoi: these take 010 for eight",
	},
	{
		things: []string{"init"},
		why:    "make it a value that main passes on: an init function runs in every test, in an order that no code shows",
	},
	{
		things: []string{"go", "import net", "import os", "import context", "import log/slog", "net/http.*", "sync.*"},
		but:    []string{"net/http.Status*", "net/http.Method*", "sync.Pool"}, // constants, and spare memory
		where:  func(f *file) bool { return f.directory() == "protocol" && !f.isTest() },
		why:    "protocol has no clock, no goroutine and no I/O: let the caller do it",
	},
}

const untilADate = "tokens, bans and revocations hold until a date"

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
		slashless := strings.NewReplacer("/", "\x00") // path.Match would stop a * at a slash
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

// use is an occurrence of a thing that a ban can name.
type use struct {
	thing string
	line  int
}

// uses lists all such things in a file.
func uses(f *file) []use {
	packages := make(map[string]string) // the local name of each import, and its path
	var all []use
	for _, spec := range f.syntax.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		packages[localName(spec, imported)] = imported
		all = append(all, use{"import " + imported, f.line(spec.Pos())})
	}
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		if function, ok := node.(*ast.FuncDecl); ok && f.isTest() && function.Name.Name == "TestMain" {
			return false // it has no *testing.T and may end the process
		}
		if thing := thingOf(node, packages); thing != "" {
			all = append(all, use{thing, f.line(node.Pos())})
		}
		return true
	})
	return all
}

// thingOf names the thing at a node, or returns "".
func thingOf(node ast.Node, packages map[string]string) string {
	switch n := node.(type) {
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && packages[x.Name] != "" {
			return packages[x.Name] + "." + n.Sel.Name
		}
		return "." + n.Sel.Name
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

// localName is the name of an import in its file: the alias, or the last element of the path that is not a major
// version.
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
