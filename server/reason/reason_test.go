package reason

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestOperationsNamesEveryReason compares the tables of docs/OPERATIONS.md with the reasons: their names, statuses
// and close codes.
func TestOperationsNamesEveryReason(t *testing.T) {
	text, err := os.ReadFile("../../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, refusals, _ := strings.Cut(string(text), "### Handshakes that are refused\n")
	refusals, closes, found := strings.Cut(refusals, "### Connections that are closed\n")
	if !found {
		t.Fatal("docs/OPERATIONS.md lacks its two tables")
	}
	closes, _, _ = strings.Cut(closes, "\n## ")
	for r := None + 1; r < Count; r++ {
		table, want := closes, fmt.Sprint(int(reasons[r].code))
		if reasons[r].status != 0 {
			table, want = refusals, fmt.Sprint(reasons[r].status)
		} else if reasons[r].code == 0 {
			want = "–"
		}
		row := regexp.MustCompile("(?m)^\\| `" + r.String() + "` \\| ([^|]*) \\| [^|]+ \\| [^|]+ \\|$").FindStringSubmatch(table)
		if row == nil || !strings.Contains(row[1], want) {
			t.Errorf("docs/OPERATIONS.md has no row for `%s` with %s, a meaning and what to do: %q", r, want, row)
		}
	}
}
