package main

import (
	"strings"
	"testing"

	"momentum/internal/postgrestest"
)

func TestMigrateMakesTheTablesOnce(t *testing.T) {
	url := postgrestest.Database(t)
	for _, step := range []struct{ args, stdout string }{
		{"migrate --dry-run", "would apply 0001_users\nwould apply 0002_revocations\nwould apply 0003_revocations_hold\n"},
		{"migrate", "applied 0001_users\napplied 0002_revocations\napplied 0003_revocations_hold\n"},
		{"migrate --dry-run", "the tables are up to date\n"},
		{"migrate", "the tables are up to date\n"},
	} {
		if code, stdout, stderr := command(t, url, strings.Fields(step.args)...); code != 0 || stdout != step.stdout || stderr != "" {
			t.Errorf("%s: code %d\nstdout:\n%sstderr:\n%s", step.args, code, stdout, stderr)
		}
	}
}
