package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommandsTakeTheDatabaseFromAFile holds that compose's "migrate" and an operator's "users" find the database as
// the server does.
func TestCommandsTakeTheDatabaseFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(file, []byte("postgresql://nobody@127.0.0.1:1/nowhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABASE_URL", "")
	t.Setenv("DATABASE_URL_FILE", file)
	for _, args := range [][]string{{"migrate"}, {"migrate", "--dry-run"}, {"users", "list"}, {"users", "deactivate", "a@example.com"}} {
		var out, problem strings.Builder
		code := run(args, &out, &problem, nil)
		if code != exitFailed || !strings.Contains(problem.String(), "127.0.0.1:1") {
			t.Errorf("%q: %d, %s%s; it should have tried the database that the file names", args, code, out.String(), problem.String())
		}
	}
}

func TestCommandsWithoutADatabase(t *testing.T) {
	for _, args := range []string{"migrate", "users list", "users add --username a --email a@b", "users deactivate a@b"} {
		if code, _, stderr := command(t, "", strings.Fields(args)...); code != exitSettings || !strings.Contains(stderr, "DATABASE_URL (--database-url) is not set") {
			t.Errorf("%s: code %d, %s", args, code, stderr)
		}
	}
}
