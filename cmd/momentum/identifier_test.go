package main

import (
	"strings"
	"testing"

	"momentum/internal/postgrestest"
)

func TestInvalidUserIDsAreRefused(t *testing.T) {
	url := postgrestest.Database(t)
	command(t, url, "migrate")
	const zero = "00000000-0000-0000-0000-000000000000"
	for args, want := range map[string]string{
		"users add --username a --email a@example.com --id " + zero: "--id is " + zero + ", which is no user's id",
		"users add --username a --email a@example.com --id 12":      `--id: "12" is not a UUID: write one such as`,
		"users add --username a --email a@example.com --id":         "--id: no value follows",
		"token --secret s --user-id " + zero:                        "--user-id is " + zero + ", which is no user's id",
		"token --secret s --user-id x":                              `--user-id: "x" is not a UUID`,
		"users list --after x":                                      `--after: "x" is not a UUID`,
	} {
		if code, stdout, stderr := command(t, url, strings.Fields(args)...); code != exitSettings || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %q, %q", args, code, stdout, stderr)
		}
	}
	if n := postgrestest.Number(t, url, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d users were added", n)
	}
}
