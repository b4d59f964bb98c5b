package main

import (
	"strings"
	"testing"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
)

func TestUsersAreAddedListedAndDeactivated(t *testing.T) {
	url := postgrestest.Database(t)
	alice, bob := auth.UserID("alice@example.com").String(), "00000000-0000-4000-8000-000000000001"
	const dan = "00000000-0000-4000-8000-000000000002"
	for _, step := range []struct {
		args           string
		code           int
		stdout, stderr string
	}{
		{"users list", exitFailed, "", "run momentum migrate"},
		{"migrate", 0, "applied 0001_users\napplied 0002_revocations\napplied 0003_revocations_hold\n", ""},
		{"users add --username alice --email Alice@example.com", 0, alice + "\n", ""},
		{"users add --username eve --email alice@EXAMPLE.com --id " + bob, exitFailed, "", "there is a user with this id or address already"},
		{"users add --username bob --email bob@example.com --inactive --id " + bob, 0, bob + "\n", ""},
		{"users add --username nobody --email nobody", exitSettings, "", "--email"},
		{"users list", 0, bob + "\tbob@example.com\tbob\tinactive\n" + alice + "\tAlice@example.com\talice\tactive\n", ""},
		{"users list --limit 1", 0, bob + "\tbob@example.com\tbob\tinactive\n", ""},
		{"users list --after " + bob, 0, alice + "\tAlice@example.com\talice\tactive\n", ""},
		{"users show Alice@example.com", 0, alice + "\tAlice@example.com\talice\tactive\n", ""},
		{"users show --json " + bob, 0, `{"id":"` + bob + `","email":"bob@example.com","username":"bob","standing":"inactive"}` + "\n", ""},
		{"users list --json --limit 1", 0, `{"id":"` + bob + `","email":"bob@example.com","username":"bob","standing":"inactive"}` + "\n", ""},
		{"users activate --json " + alice, 0, `{"id":"` + alice + `","standing":"active"}` + "\n", ""},
		{"users add --json --username dan --email dan@example.com --id " + dan, 0, `{"id":"` + dan + `","email":"dan@example.com","username":"dan","standing":"active"}` + "\n", ""},
		{"users remove dan@example.com", 0, dan + "\tdan@example.com\tdan\tactive\n", ""},
		{"users remove " + dan, exitFailed, "", dan + ": there is no such user"},
		{"migrate --json", 0, "{\n  \"applied\": true,\n  \"steps\": []\n}\n", ""},
		{"users deactivate ALICE@example.com", 0, alice + "\tinactive\n", ""},
		{"users activate " + bob, 0, bob + "\tactive\n", ""},
		{"users activate carol@example.com", exitFailed, "", "carol@example.com: there is no such user"},
	} {
		code, stdout, stderr := command(t, url, strings.Fields(step.args)...)
		if code != step.code || stdout != step.stdout || !strings.Contains(stderr, step.stderr) || code == 0 && stderr != "" {
			t.Errorf("%s: code %d\nstdout:\n%sstderr:\n%s", step.args, code, stdout, stderr)
		}
	}
}
