package postgres

import (
	"os"
	"strings"
	"testing"

	"momentum/internal/postgrestest"
	"momentum/server/directory"
)

// TestAnOperatorsOwnTable uses the query and the trigger of docs/DIRECTORY.md for an operator's own table.
func TestAnOperatorsOwnTable(t *testing.T) {
	text, err := os.ReadFile("../../../docs/DIRECTORY.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, rest := range strings.Split(string(text), "```sql\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		blocks = append(blocks, block)
	}
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of SQL, want the query and the trigger", len(blocks))
	}
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, `CREATE TABLE accounts (id uuid PRIMARY KEY, login text, mail varchar(99), locked_at timestamptz)`)
	postgrestest.Exec(t, url, blocks[1])
	postgrestest.Exec(t, url, "INSERT INTO accounts VALUES ($1, 'somebody', 'somebody@example.com')", person(1).String())
	d := open(t, Options{URL: url, UsersQuery: blocks[0]})
	if _, err := d.Migrate(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := d.Check(within(t)); err != nil {
		t.Fatal(err)
	}
	n, c, _ := watch(t, d)
	if u, err := ask(t, c, person(1), patience); err != nil || u.Standing != directory.Active || u.Username != "somebody" {
		t.Fatal(u, err)
	}
	postgrestest.Exec(t, url, "INSERT INTO accounts VALUES ($1, repeat('ü', 70) || 'x', NULL)", person(2).String())
	if u, err := ask(t, c, person(2), patience); err != nil || u.Username != strings.Repeat("ü", 64) || u.Email != "" {
		t.Errorf("a name that is too long is %q (%v)", u.Username, err)
	}
	postgrestest.Exec(t, url, "UPDATE accounts SET locked_at = now() WHERE id = $1", person(1).String())
	if who := receive(t, n.deactivated, soon); who != person(1) {
		t.Errorf("%v was deactivated out", who)
	}
}
