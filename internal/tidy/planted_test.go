package tidy

import (
	"strings"
	"testing"
	"testing/fstest"
)

// plant makes a tree of files given as name, text, name, text.
func plant(t *testing.T, files ...string) tree {
	t.Helper()
	system := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		system[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	planted, err := load(system)
	if err != nil {
		t.Fatal(err)
	}
	return planted
}

// planted is a small tree and what a rule should say about it: "" for nothing.
type planted struct {
	name  string
	rule  rule
	files []string
	want  string
}

func check(t *testing.T, cases []planted) {
	for _, p := range cases {
		t.Run(p.name, func(t *testing.T) {
			said := p.rule(plant(t, p.files...))
			switch {
			case p.want == "" && len(said) > 0:
				t.Errorf("objected to what is allowed: %q", said)
			case p.want != "" && (len(said) != 1 || !strings.Contains(said[0], p.want)):
				t.Errorf("said %q, want one line with %q", said, p.want)
			}
		})
	}
}

func TestPlantedArrowsAreFound(t *testing.T) {
	importing := func(packages ...string) string {
		return "package x\n\nimport (\n\t_ \"" + strings.Join(packages, "\"\n\t_ \"") + "\"\n)\n"
	}
	check(t, []planted{
		{"standard library", followArrows, []string{"netpoll/a.go", importing("net", "net/http")}, ""},
		{"netpoll knows gnet", followArrows, []string{"netpoll/a.go", importing(gnet, gnet+"/pkg/errors")}, ""},
		{"only netpoll knows gnet", followArrows, []string{"server/a.go", importing("fmt", gnet)}, "server/a.go:5: server may not import " + gnet},
		{"protocol knows gobwas", followArrows, []string{"protocol/a.go", importing(gobwas+"/wsflate", fastjson)}, ""},
		{"only protocol knows gobwas", followArrows, []string{"server/a.go", importing(gobwas + "/wsutil")}, "a.go:4: server may not import " + gobwas},
		{"nor may tests", followArrows, []string{"server/a_test.go", importing(gobwas)}, "a_test.go:4: server may not"},
		{"netpoll does not know protocol", followArrows, []string{"netpoll/a.go", importing("momentum/protocol")}, "netpoll may not import protocol"},
		{"protocol does not know netpoll", followArrows, []string{"protocol/a.go", importing("momentum/netpoll")}, "protocol may not import netpoll"},
		{"a directory's name covers nothing below", followArrows, []string{"server/a.go", importing("momentum/netpoll/netpolltest")}, "server may not import netpoll/netpolltest"},
		{"tests may more", followArrows, []string{"server/a_test.go", importing("momentum/netpoll/netpolltest", "momentum/server")}, ""},
		{"arrows point one way", followArrows, []string{"server/a.go", importing("momentum/server/admin")}, "server may not import server/admin"},
		{"a package without a row", followArrows, []string{"cache/a.go", "package cache\n", "cache/b.go", "package cache\n"}, "no row for package cache"},
		{"clients choose their libraries", followArrows, []string{"cmd/websocket_client/a.go", importing("github.com/coder/websocket")}, ""},
		{"clients do not share the server's", followArrows, []string{"bench/load/a.go", importing(gobwas)}, "another library"},
		{"clients sign as its users do", followArrows, []string{"cmd/websocket_client/a.go", importing("momentum/server/auth")}, ""},
		{"clients do not know its insides", followArrows, []string{"cmd/websocket_client/a.go", importing("momentum/protocol")}, "share the server's faults"},
	})
}

func TestPlantedBansAreFound(t *testing.T) {
	const head = "package x\n\nimport (\n\t\"fmt\"\n\t\"log\"\n\tdice \"math/rand/v2\"\n\t\"os\"\n\t\"time\"\n)\n\n"
	holding := func(name, code string) []string { return []string{name, head + code} }
	check(t, []planted{
		{"sleep", avoidBans, holding("server/a.go", "func f() { time.Sleep(1) }"), "server/a.go:11: time.Sleep: wait for"},
		{"the default mux", avoidBans, []string{"server/admin/a.go", "package x\nimport \"net/http\"\n\nfunc f() { http.Serve(nil, nil) }"}, "server/admin/a.go:4: net/http.Serve: serve a mux of your own"},
		{"sleep in a test", avoidBans, holding("server/a_test.go", "func f() { time.Sleep(1) }"), "time.Sleep"},
		{"printing", avoidBans, holding("netpoll/a.go", "func f() { fmt.Println(1) }"), "fmt.Println"},
		{"printing into a writer", avoidBans, holding("netpoll/a.go", "func f() { fmt.Fprintln(nil) }"), ""},
		{"printing in a command", avoidBans, holding("cmd/momentum/a.go", "func f() { fmt.Println(1) }"), ""},
		{"standard error", avoidBans, holding("server/a.go", "func f() { fmt.Fprintln(os.Stderr) }"), "a.go:11: os.Stderr: log through"},
		{"standard error in the command", avoidBans, holding("cmd/momentum/main.go", "func f() { fmt.Fprintln(os.Stderr) }"), ""},
		{"a log handler", avoidBans, []string{"netpoll/a.go", "package x\nimport \"log/slog\"\n\nvar h = slog.NewJSONHandler(nil, nil)"}, "netpoll/a.go:4: log/slog.NewJSONHandler: log through"},
		{"panic", avoidBans, holding("cmd/momentum/a.go", "func f() { panic(1) }"), "panic: return an error"},
		{"a method that is called panic", avoidBans, holding("server/a.go", "func f(x T) { x.panic(1) }"), ""},
		{"the clock", avoidBans, holding("server/a.go", "func f() { time.Now() }"), "a.go:11: time.Now"},
		{"the clock as a value", avoidBans, holding("server/a.go", "var now = time.Now"), "time.Now"},
		{"the clock, by its distance", avoidBans, holding("server/auth/a.go", "func f() { time.Since(t) }"), "time.Since"},
		{"the clock in a test", avoidBans, holding("netpoll/a_test.go", "func f() { time.Now() }"), ""},
		{"the clock in a command", avoidBans, holding("cmd/momentum/a.go", "func f() { time.Now() }"), ""},
		{"global randomness under another name", avoidBans, holding("server/a.go", "func f() { dice.IntN(6) }"), "math/rand/v2.IntN"},
		{"seeded randomness", avoidBans, holding("server/a.go", "func f(r *dice.Rand) { dice.New(dice.NewPCG(1, 2)) }"), ""},
		{"an exception", avoidBans, holding("cmd/momentum/wire.go", "func f() { dice.Uint64() }"), ""},
		{"exit", avoidBans, holding("cmd/momentum/a.go", "func f() { os.Exit(1) }"), "os.Exit: return an error"},
		{"log.Fatal", avoidBans, holding("server/a.go", "func f() { log.Fatalf(\"\") }"), "log.Fatalf"},
		{"exit in main", avoidBans, holding("cmd/momentum/main.go", "func main() { os.Exit(1) }"), ""},
		{"exit in a test", avoidBans, holding("server/a_test.go", "func TestF() { os.Exit(1) }"), "os.Exit"},
		{"exit in a test's main", avoidBans, holding("server/a_test.go", "func TestMain() { os.Exit(1) }"), ""},
		{"init", avoidBans, holding("web/a.go", "func init() {}"), "init: make it"},
		{"a method that is called init", avoidBans, holding("web/a.go", "func (T) init() {}"), ""},
		{"a goroutine in protocol", avoidBans, []string{"protocol/a.go", "package x\n\nfunc f() { go f() }"}, "a.go:3: go: protocol has no clock"},
		{"I/O in protocol", avoidBans, []string{"protocol/a.go", "package x\n\nimport _ \"net\"\n"}, "import net:"},
		{"HTTP in protocol", avoidBans, []string{"protocol/a.go", "package x\n\nimport \"net/http\"\n\nvar c http.Client"}, "net/http.Client"},
		{"words of HTTP in protocol", avoidBans, []string{"protocol/a.go", "package x\n\nimport \"net/http\"\n\nvar c = http.StatusOK"}, ""},
	})
}

func TestDeadExceptionsAreFound(t *testing.T) {
	said := liveExceptions(plant(t, "README.md", "nothing else is left"))
	if len(said) == 0 || !strings.Contains(said[0], "is gone: delete its exception") {
		t.Errorf("%q", said)
	}
}

func TestPlantedHeapsAreFound(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("\n", n) }
	const table = "\tx = []int{1, 2, 3}\n"
	check(t, []planted{
		{"longest function", shortFunctions, []string{"a.go", "package x\nfunc f() {" + lines(69) + "}"}, ""},
		{"too long a function", shortFunctions, []string{"a.go", "package x\nfunc f() {" + lines(70) + "}"}, "a.go:2: f has 71 lines"},
		{"too long a test", shortFunctions, []string{"a_test.go", "package x\nfunc f() {" + lines(70) + "}"}, "f has 71 lines"},
		{"longest test with a table", shortFunctions, []string{"a_test.go", "package x\nfunc f() {" + table + lines(148) + "}"}, ""},
		{"too long a table", shortFunctions, []string{"a_test.go", "package x\nfunc f() {\n" + table + lines(149) + "}"}, "f has 152 lines"},
		{"a table outside tests", shortFunctions, []string{"a.go", "package x\nfunc f() {" + table + lines(70) + "}"}, "f has 72 lines"},
		{"longest file", shortFiles, []string{"a.go", "package x" + lines(400)}, ""},
		{"too long a file", shortFiles, []string{"a.go", "package x" + lines(401)}, "a.go:401: 401 lines"},
		{"longest test file", shortFiles, []string{"a_test.go", "package x" + lines(700)}, ""},
		{"too long a test file", shortFiles, []string{"a_test.go", "package x" + lines(701)}, "701 lines"},
		{"a heap of a file", tellingNames, []string{"server/helpers.go", "package server"}, `server/helpers.go:1: "helper" names a heap`},
		{"a heap of a package", tellingNames, []string{"server/netutil/a.go", "package x"}, `"util" names a heap`},
		{"a heap by its package clause", tellingNames, []string{"server/a.go", "package common"}, `"common" names a heap`},
		{"a thing", tellingNames, []string{"server/hub.go", "package server"}, ""},
	})
}

func TestPlantedSilenceIsFound(t *testing.T) {
	check(t, []planted{
		{"function", documentedNames, []string{"a.go", "package x\n\nfunc F() {}"}, "a.go:3: F has no comment"},
		{"documented function", documentedNames, []string{"a.go", "package x\n\n// F is.\nfunc F() {}"}, ""},
		{"unexported function", documentedNames, []string{"a.go", "package x\n\nfunc f() {}"}, ""},
		{"method", documentedNames, []string{"a.go", "package x\n\nfunc (*T[K]) M() {}"}, "M has no comment"},
		{"method of an unexported type", documentedNames, []string{"a.go", "package x\n\nfunc (t *t) M() {}"}, ""},
		{"type", documentedNames, []string{"a.go", "package x\n\ntype T int"}, "T has no comment"},
		{"type in a group", documentedNames, []string{"a.go", "package x\n\n// Types.\ntype (\n\tT int\n)"}, "a.go:5: T has no comment"},
		{"constant", documentedNames, []string{"a.go", "package x\n\nconst C, d = 1, 2"}, "C has no comment"},
		{"constants with a comment above", documentedNames, []string{"a.go", "package x\n\n// All.\nconst (\n\tC = 1\n\tD = 2\n)"}, ""},
		{"constant with a comment behind", documentedNames, []string{"a.go", "package x\n\nconst (\n\tC = 1 // one\n)"}, ""},
		{"in a test", documentedNames, []string{"a_test.go", "package x\n\nfunc TestF() {}"}, ""},
		{"package", documentedPackages, []string{"p/a.go", "package p", "p/b.go", "package p"}, "p/a.go:1: package p has no comment"},
		{"documented package", documentedPackages, []string{"p/a.go", "package p", "p/b.go", "// Package p is.\npackage p"}, ""},
	})
}

func TestPlantedTextIsFound(t *testing.T) {
	elsewhere := machinePaths[0]
	check(t, []planted{
		{"badly formatted", formattedSources, []string{"a.go", "package  x\n"}, "a.go:1: run gofmt -w a.go"},
		{"formatted", formattedSources, []string{"a.go", "package x\n"}, ""},
		{"a machine's path in code", portablePaths, []string{"a.go", "package x\n\n// see " + elsewhere + "x\n"}, "a.go:3:"},
		{"a machine's path in a script", portablePaths, []string{".ci/run", "cd " + elsewhere}, ".ci/run:1:"},
		{"other paths", portablePaths, []string{"Makefile", "cd web/ && ls /tmp/x"}, ""},
		{"what is not text", portablePaths, []string{"web/icon.png", "\x00" + elsewhere}, ""},
	})
}

func TestPlantedBrokenLinksAreFound(t *testing.T) {
	to := func(target string) []string {
		return []string{"docs/A.md", "# A b: `c`\n\n```\n# no heading\n[x](nowhere.md)\n```\n\nsee [x](" + target + ") and `[y](nowhere)`\n\n## Same\n## Same\n",
			"README.md", "# Read me\n", "server/hub.go", "package server"}
	}
	check(t, []planted{
		{"a file", resolvedLinks, to("../README.md"), ""},
		{"a directory", resolvedLinks, to("../server/"), ""},
		{"a heading there", resolvedLinks, to("../README.md#read-me"), ""},
		{"a heading here", resolvedLinks, to("#a-b-c"), ""},
		{"the second of two", resolvedLinks, to("#same-1"), ""},
		{"the web", resolvedLinks, to("https://example.com/x"), ""},
		{"no file", resolvedLinks, to("B.md"), "docs/A.md:8: the link to B.md leads nowhere: there is no docs/B.md"},
		{"no heading", resolvedLinks, to("../README.md#nope"), "no heading of README.md makes #nope"},
		{"not a heading", resolvedLinks, to("#no-heading"), "makes #no-heading"},
		{"by reference", resolvedLinks, []string{"README.md", "[x]: docs/gone.md\n"}, "README.md:1: the link to docs/gone.md"},
		{"with a title", resolvedLinks, []string{"README.md", "[x](gone.md \"t\")\n"}, "the link to gone.md"},
	})
}
