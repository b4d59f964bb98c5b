package tidy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// measure is a figure of one package. The detail says which names make the figure.
type measure struct {
	name string
	of   func(unit) (figure int, detail string)
}

var (
	cycle   = measure{"files in a cycle", inCycle}
	methods = measure{"methods on one type", onOneType}
	noTwin  = measure{"files without a test file of their name", untwinned}
)

// ratchet limits a figure of a package, or of every package that no other row names.
type ratchet struct {
	measure   measure
	directory string // "" for the other packages
	today     int    // the limit; lower it whenever the figure has fallen
	goal      int
}

var ratchets = []ratchet{
	{cycle, "server", 3, 3},
	{cycle, "netpoll", 5, 5},
	{cycle, "protocol", 4, 4},
	{cycle, "cmd/momentum", 18, 18},
	{cycle, "bench/load", 17, 17},
	{cycle, "server/admin", 13, 9},
	{cycle, "", 6, 6},

	{methods, "server", 40, 40},
	{methods, "", 50, 50},

	{noTwin, "", 0, 0},
}

// twinless are files that need no test file of their name, and why.
var twinless = map[string]string{
	"bench/beside/main.go":              wiring,
	"bench/cluster/main.go":             wiring,
	"bench/echo/main.go":                wiring,
	"bench/million/main.go":             wiring,
	"cmd/momentum/serve.go":             "internal/e2e starts, reloads, drains and stops the built server",
	"cmd/momentum/wire.go":              wiring,
	"protocol/codes.go":                 "it names codes; the tests of frames and close frames expect them",
	"server/auth/fault.go":              "it lists refusals; the test of each check expects its code",
	"examples/go/main.go":               wiring,
	"deploy/sbom/main.go":               "it only wires parts together; internal/releasetest runs it for a release",
	"cmd/websocket_client/main.go":      wiring,
	"cmd/websocket_stress_test/main.go": wiring,
}

const wiring = "it only wires parts together; internal/e2e or make bench-smoke or make million runs the built program"

func TestFiguresOnlyFall(t *testing.T) { hold(t, within(ratchets)) }

// within makes a rule of a table of ratchets.
func within(table []ratchet) rule {
	return func(files tree) []string {
		var broken []string
		for _, u := range files.units() {
			for _, r := range table {
				if !r.covers(u, table) {
					continue
				}
				if figure, detail := r.measure.of(u); figure > r.today {
					broken = append(broken, fmt.Sprintf("%s: %d %s, more than %d (the goal is %d): %s", u.directory, figure, r.measure.name, r.today, r.goal, detail))
				}
			}
		}
		return broken
	}
}

// covers reports whether a row is the one for a package.
func (r ratchet) covers(u unit, table []ratchet) bool {
	named := slices.ContainsFunc(table, func(s ratchet) bool { return s.measure.name == r.measure.name && s.directory == u.directory })
	return r.directory == u.directory || r.directory == "" && !named
}

// unmeasured is the figure of a package that cannot be type-checked. It is above every limit.
const unmeasured = 1 << 30

func inCycle(u unit) (int, string) {
	between, err := usesBetween(u.code)
	if err != nil {
		return unmeasured, err.Error()
	}
	files := between.largestCycle()
	return len(files), strings.Join(files, " ")
}

// onOneType counts the methods of the type that has the most.
func onOneType(u unit) (int, string) {
	count := make(map[string]int)
	largest := ""
	for _, f := range u.code {
		for _, function := range f.functions() {
			if function.Recv == nil {
				continue
			}
			kind := receiver(function).Name
			count[kind]++
			if count[kind] > count[largest] {
				largest = kind
			}
		}
	}
	return count[largest], largest
}

// untwinned counts the files x.go that have functions, no x_test.go beside them, and no reason in the table.
func untwinned(u unit) (int, string) {
	var alone []string
	for _, f := range u.code {
		if needsTwin(f, u.tests) && twinless[f.path] == "" {
			alone = append(alone, f.path)
		}
	}
	return len(alone), strings.Join(alone, " ")
}

func needsTwin(f *file, tests tree) bool {
	twin := strings.TrimSuffix(f.path, ".go") + "_test.go"
	return len(f.functions()) > 0 && !slices.ContainsFunc(tests, func(g *file) bool { return g.path == twin })
}

func TestEveryReasonIsNeeded(t *testing.T) { hold(t, neededReasons) }

// neededReasons finds reasons for files that are gone or have a test file by now.
func neededReasons(files tree) []string {
	var broken []string
	for name := range twinless {
		if !slices.ContainsFunc(files, func(f *file) bool { return f.path == name && needsTwin(f, files) }) {
			broken = append(broken, name+" is gone or has a test file: delete its row from twinless in internal/tidy")
		}
	}
	return broken
}
