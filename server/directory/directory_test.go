package directory

import "testing"

// The names are in logs and in the output of "momentum users list".
func TestStandingsHaveNames(t *testing.T) {
	for standing, want := range map[Standing]string{Unknown: "unknown", Inactive: "inactive", Active: "active", Active + 1: "unknown"} {
		if got := standing.String(); got != want {
			t.Errorf("standing %d is %q, want %q", standing, got, want)
		}
	}
}
