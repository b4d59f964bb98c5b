package tidy

import (
	"regexp"
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

// planted is a small tree and the complaint that a rule must make about it: "" for none.
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
		{"the default mux", avoidBans, []string{"server/admin/a.go", "package x\nimport \"net/http\"\n\nfunc f() { http.Serve(nil, nil) }"}, "server/admin/a.go:4: net/http.Serve: make a mux"},
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
		{"the date as a number", avoidBans, holding("server/a.go", "func f() { return t.UnixMilli() }"), "a.go:11: .UnixMilli: subtract"},
		{"the date as a number, of a call", avoidBans, holding("netpoll/a.go", "func f() { return now().Unix() }"), ".Unix: subtract"},
		{"a date made from a number", avoidBans, holding("server/a.go", "func f() { return time.Unix(1, 0) }"), ""},
		{"the date of a token", avoidBans, holding("server/auth/a.go", "func f() { return t.Unix() }"), ""},
		{"the clock in a test", avoidBans, holding("netpoll/a_test.go", "func f() { time.Now() }"), ""},
		{"the clock in a command", avoidBans, holding("cmd/momentum/a.go", "func f() { time.Now() }"), ""},
		{"global randomness under another name", avoidBans, holding("server/a.go", "func f() { dice.IntN(6) }"), "math/rand/v2.IntN"},
		{"seeded randomness", avoidBans, holding("server/a.go", "func f(r *dice.Rand) { dice.New(dice.NewPCG(1, 2)) }"), ""},
		{"an exception", avoidBans, holding("cmd/momentum/wire.go", "func f() { dice.Uint64() }"), ""},
		{"octal numbers", avoidBans, []string{"bench/a/main.go", "package x\nimport \"flag\"\n\nvar n = flag.Int(\"n\", 0, \"\")"}, "a/main.go:4: flag.Int: use flagvalue.New"},
		{"octal numbers of kong", avoidBans, []string{"cmd/x/main.go", "package x\nimport \"" + kong + "\"\n\nvar n = kong.New"}, "main.go:4: " + kong + ".New: use flagvalue.New"},
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
	const table = "\tx = []int{1, 2, 3}\n"
	function := func(lines int) string { return "package x\nfunc f() {" + strings.Repeat("\n", lines-1) + "}" }
	tableTest := func(lines int) string {
		return "package x\nfunc f() {\n" + table + strings.Repeat("\n", lines-3) + "}"
	}
	file := func(lines int) string { return "package x" + strings.Repeat("\n", lines) }
	check(t, []planted{
		{"longest function", shortFunctions, []string{"a.go", function(functionLines)}, ""},
		{"too long a function", shortFunctions, []string{"a.go", function(functionLines + 1)}, "a.go:2: f has 36 lines, more than 35"},
		{"longest test function", shortFunctions, []string{"a_test.go", function(testFunctionLines)}, ""},
		{"too long a test function", shortFunctions, []string{"a_test.go", function(testFunctionLines + 1)}, "f has 56 lines"},
		{"longest test with a table", shortFunctions, []string{"a_test.go", tableTest(tableTestLines)}, ""},
		{"too long a test with a table", shortFunctions, []string{"a_test.go", tableTest(tableTestLines + 1)}, "f has 76 lines"},
		{"a table outside tests", shortFunctions, []string{"a.go", tableTest(functionLines + 1)}, "f has 36 lines"},
		{"longest file", shortFiles, []string{"a.go", file(fileLines)}, ""},
		{"too long a file", shortFiles, []string{"a.go", file(fileLines + 1)}, "a.go:348: 348 lines"},
		{"longest test file", shortFiles, []string{"a_test.go", file(testFileLines)}, ""},
		{"too long a test file", shortFiles, []string{"a_test.go", file(testFileLines + 1)}, "587 lines"},
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
		{"constant with a comment at the end of its line", documentedNames, []string{"a.go", "package x\n\nconst (\n\tC = 1 // one\n)"}, ""},
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

func TestPlantedGrowthIsFound(t *testing.T) {
	one := func(m measure, today int) rule {
		return within([]ratchet{{m, "p", today, 0}, {m, "", today + 1, 0}})
	}
	circle := []string{
		"p/a.go", "package p\n\nfunc a() { b() }", "p/b.go", "package p\n\nfunc b() { new(t).c() }",
		"p/c.go", "package p\n\nfunc (t) c() { a() }", "p/d.go", "package p\n\ntype t struct{}",
	}
	twoMethods := []string{"p/a.go", "package p\n\ntype t int\n\nfunc (t) a() {}\n\ntype u int\n\nfunc (*u) a() {}", "p/b.go", "package p\n\nfunc (t) b() {}"}
	check(t, []planted{
		{"a cycle within the limit", one(cycle, 3), circle, ""},
		{"a cycle through a method", one(cycle, 2), circle, "p: 3 files in a cycle, more than 2 (the goal is 0): p/a.go p/b.go p/c.go"},
		{"a cycle through an import", one(cycle, 1), []string{"p/a.go", "package p\n\nimport \"sync/atomic\"\n\nvar a atomic.Pointer[t]\n\nfunc f() {}",
			"p/b.go", "package p\n\ntype t int\n\nfunc (t) m() { a.Load().n() }\n\nfunc (t) n() { f() }"}, "p: 2 files in a cycle"},
		{"uses in one direction", one(cycle, 0), []string{"p/a.go", "package p\n\nfunc a() { b() }", "p/b.go", "package p\n\nfunc b() {}"}, ""},
		{"a local name like another file's", one(cycle, 0), []string{"p/a.go", "package p\n\nfunc a() { b() }", "p/b.go", "package p\n\nfunc b() { a := 1; _ = a }"}, ""},
		{"a package that does not compile", one(cycle, 9), []string{"p/a.go", "package p\n\nvar a = b"}, "undefined: b"},
		{"methods within the limit", one(methods, 2), twoMethods, ""},
		{"too many methods", one(methods, 1), twoMethods, "p: 2 methods on one type, more than 1 (the goal is 0): t"},
		{"the limit of other packages", one(noTwin, 0), []string{"q/a.go", "package q\n\nfunc f() {}"}, ""},
		{"a file without a test file", one(noTwin, 0), []string{"p/a.go", "package p\n\nfunc f() {}", "p/b_test.go", "package p"}, "p: 1 files without a test file of their name, more than 0 (the goal is 0): p/a.go"},
		{"a file with one", one(noTwin, 0), []string{"p/a.go", "package p\n\nfunc f() {}", "p/a_test.go", "package p"}, ""},
		{"a file without a function", one(noTwin, 0), []string{"p/a.go", "package p\n\nconst a = 1"}, ""},
		{"a file with a reason", one(noTwin, 0), []string{"bench/echo/main.go", "package main\n\nfunc main() {}"}, ""},
		{"another module", one(noTwin, 0), []string{"p/go.mod", "module q", "p/a.go", "package p\n\nfunc f() {}"}, ""},
	})
	if said := neededReasons(plant(t, "README.md", "nothing else is left")); len(said) != len(twinless) {
		t.Errorf("reasons of files that are gone: %q", said)
	}
}

func TestPlantedWordsAreFound(t *testing.T) {
	limits := wordsWithin([]symptom{{"word", regexp.MustCompile("w"), 250, 500, 0}})
	check(t, []planted{
		{"comments within the limit", limits, []string{"a.go", "package w // a b\n\nvar w = `w w` // c w"}, ""},
		{"comments above it", limits, []string{"a.go", "package w // a b\n\n//go:build linux\n\n// w\n"}, "comments: 333.3 times word in 1,000 words, more than 250.0 (the goal is 0.0)"},
		{"pages within the limit", limits, []string{"a.md", "a w\n\n```\nw w\n```\n\n`w`\n"}, ""},
		{"pages above it", limits, []string{"a.md", "a w\n", "b.md", "w"}, "Markdown pages: 666.7 times"},
	})
}

func TestPlantedTurnsAreFound(t *testing.T) {
	none := fewTurns(map[string]int{"p": 1})
	page := func(text string) []string { return []string{"docs/A.md", "# A\n\n" + text + "\n"} }
	code := func(text string) []string { return []string{"a/a.go", "package a\n\n" + text + "\n"} }
	check(t, []planted{
		{"after", none, page("The close comes after the answer."), ""},
		{"behind", none, page("The close comes behind the answer."), `docs: 1 turns of phrase to avoid, more than 0:` + "\n\t" + `docs/A.md:3: "comes behind the answer.": write "after"`},
		{"behind a proxy", none, page("A node behind a trusted\nproxy, or behind nginx."), ""},
		{"falls behind", none, page("A reader falls behind."), ""},
		{"in front of, over two lines", none, page("It stands in\nfront of the node."), "docs/A.md:3:"},
		{"at the most", none, page("Ten at the most."), `write "at most"`},
		{"at most", none, page("Ten at most, the most of all."), ""},
		{"amid", none, page("| a | Amid a storm |"), "during"},
		{"Who", none, page("It waits. Who waits is told."), `"Who": begin the sentence`},
		{"Whose", none, page("- Whose it is"), `"Whose"`},
		{"who inside a sentence", none, page("The user who waits is told."), ""},
		{"code in a page", none, page("`Whoever` and\n\n```\namid\n```"), ""},
		{"a comment", none, code("// F waits, at the\n// most a second.\nfunc F() {}"), "a/a.go:3:"},
		{"a comment that begins with who", none, code("var a int // who is told"), `a/a.go:3: "who": begin`},
		{"two comments", none, code("var a int // at the\nvar b int // most"), ""},
		{"a help text", none, code("type t struct {\n\ta int `help:\"Ten at the most.\"`\n}"), "a/a.go:4:"},
		{"an error", none, code(`var a = "whoever asks is refused"`), "a/a.go:3:"},
		{"a message's name", none, code(`var a = "who"`), ""},
		{"an error that begins with a message's name", none, code(`var a = "who asks is refused"`), "a/a.go:3:"},
		{"names in code", none, code("func behind(amid int) {}"), ""},
		{"a setting's comment", none, []string{"deploy/x.conf", "a=1\n# Ten at the\n# most\n"}, "deploy/x.conf:2:"},
		{"as many as there are today", none, []string{"p/a.go", "package p // amid"}, ""},
		{"one more", none, []string{"p/a.go", "package p // amid", "p/b.go", "package p // amid"}, "p: 2 turns of phrase to avoid, more than 1:"},
		{"a record", none, []string{"bench/results/a.json", "amid"}, ""},
	})
}

func TestPlantedFormerTermsAreFound(t *testing.T) {
	code := func(text string) []string { return []string{"p/a.go", "package p\n\n" + text} }
	check(t, []planted{
		{"a function", fieldsTerms, code("func (t) judgeToken() {}"), "p/a.go:3: judgeToken: the field says check, not judge"},
		{"a field", fieldsTerms, code("type t struct{ MaxSeats int }"), "MaxSeats: the field says slots"},
		{"a method of an interface", fieldsTerms, code("type t interface{ Tell() }"), "Tell"},
		{"a word within a word", fieldsTerms, code("func foretell() {}"), ""},
		{"a local name", fieldsTerms, code("func f(told int) { heard := told; _ = heard }"), ""},
		{"a test", fieldsTerms, []string{"p/a_test.go", "package p\n\nfunc hear() {}"}, ""},
		{"a name with a reason", fieldsTerms, []string{"server/weigh.go", "package server\n\nfunc weigh() {}"}, ""},
	})
}
