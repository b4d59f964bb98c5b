package doctor

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// planted is a host of which only these files exist.
func planted(files map[string]string) fstest.MapFS {
	host := fstest.MapFS{}
	for name, text := range files {
		host[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return host
}

// expect checks that one of the findings has a level, and a text in its words or its lines to change.
func expect(t *testing.T, name string, found []Finding, level Level, text string) {
	t.Helper()
	if !slices.ContainsFunc(found, func(f Finding) bool {
		return f.Level == level && strings.Contains(f.Text+"\n"+strings.Join(f.Change, "\n"), text)
	}) {
		t.Errorf("%s: no %s with %q in %+v", name, level, text, found)
	}
}

func TestAReportIsGoodWithoutProblems(t *testing.T) {
	all := []Finding{ok("a", "fine"), warning("b", nil, "hm"), ok("c", "fine")}
	if !NewReport(all, Prediction{}).Good {
		t.Error("a warning makes it bad")
	}
	r := NewReport(append(all, problem("d", inSysctl("x = 1"), "bad %d", 7)), Prediction{})
	if first := r.Worst()[0]; r.Good || first.Subject != "d" || first.Text != "bad 7" || len(first.Change) != 2 || r.Worst()[3].Subject != "c" {
		t.Errorf("%+v", r.Worst())
	}
}
