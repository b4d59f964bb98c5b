package postgres

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"momentum/internal/postgrestest"
	"momentum/server/directory"
)

func wants(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error that says %q", words)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the message does not say %q: %v", word, err)
		}
	}
}

func TestMigrate(t *testing.T) {
	url := postgrestest.Database(t)
	d := open(t, Options{URL: url})
	wants(t, d.Check(within(t)), "0001_users", "0002_revocations", "0003_revocations_hold", "run momentum migrate")
	taken, err := d.Migrate(within(t))
	if err != nil || len(taken) != 3 {
		t.Fatalf("took %v, error %v", taken, err)
	}
	if err := d.Check(within(t)); err != nil {
		t.Error(err)
	}
	if taken, err = d.Migrate(within(t)); err != nil || len(taken) != 0 {
		t.Errorf("the second time took %v, error %v", taken, err)
	}
	postgrestest.Exec(t, url, "DELETE FROM momentum_migrations WHERE version = 2")
	wants(t, d.Check(within(t)), "0002_revocations", "run momentum migrate")
	postgrestest.Exec(t, url, "INSERT INTO momentum_migrations VALUES (2, ''), (99, 'from the future')")
	wants(t, d.Check(within(t)), "migration 99", "none above 3", "later")
	_, err = d.Migrate(within(t))
	wants(t, err, "migration 99")
}

// TestCheckOnOneConnection holds that a check waits for no second connection: DB_POOL_SIZE may be 1.
func TestCheckOnOneConnection(t *testing.T) {
	url := postgrestest.Database(t)
	migrated(t, url)
	if err := open(t, Options{URL: url, PoolSize: 1}).Check(within(t)); err != nil {
		t.Error(err)
	}
}

func TestMigrationsAtOnceRunOnce(t *testing.T) {
	url := postgrestest.Database(t)
	var all sync.WaitGroup
	total := make(chan int, 8)
	for range cap(total) {
		d := open(t, Options{URL: url})
		all.Go(func() {
			taken, err := d.Migrate(within(t))
			if err != nil {
				t.Error(err)
			}
			total <- len(taken)
		})
	}
	all.Wait()
	close(total)
	sum := 0
	for n := range total {
		sum += n
	}
	if sum != 3 {
		t.Errorf("%d steps taken, want 3", sum)
	}
}

func TestForeignTableOfUsers(t *testing.T) {
	url := postgrestest.Database(t)
	postgrestest.Exec(t, url, `CREATE TABLE users (uid uuid, mail varchar(80), locked_at timestamptz, name name, note int);
		INSERT INTO users VALUES ('00000000-0000-4000-8000-000000000001', 'a@example.com', NULL, 'a', 1),
			('00000000-0000-4000-8000-000000000002', NULL, now(), NULL, NULL)`)
	_, err := open(t, Options{URL: url}).Migrate(within(t))
	wants(t, err, "table users already", "USERS_QUERY")
	if n := postgrestest.Number(t, url, "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'momentum%'"); n != 0 {
		t.Errorf("a migration that failed left %d tables", n)
	}

	const good = "SELECT uid, name, mail, locked_at IS NULL FROM users WHERE uid = ANY($1)"
	d := open(t, Options{URL: url, UsersQuery: good})
	if taken, err := d.Migrate(within(t)); err != nil || len(taken) != 2 {
		t.Fatalf("took %v, error %v", taken, err)
	}
	if err := d.Check(within(t)); err != nil {
		t.Fatal(err)
	}
	users, err := d.Lookup(within(t), []uuid.UUID{person(1), person(2), person(3)})
	slices.SortFunc(users, func(a, b directory.User) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	want := []directory.User{{ID: person(1), Username: "a", Email: "a@example.com", Standing: directory.Active},
		{ID: person(2), Standing: directory.Inactive}}
	if err != nil || !slices.Equal(users, want) {
		t.Errorf("found %v, error %v", users, err)
	}

	for query, want := range map[string][]string{
		"SELECT uid, name, mail FROM users WHERE uid = ANY($1)":                          {"3 columns instead of 4"},
		"SELECT uid, name, mail, locked_at FROM users WHERE uid = ANY($1)":               {"column 4 (active)", "timestamptz", "::boolean"},
		"SELECT uid::text, name, mail, true FROM users WHERE uid = ANY($1)":              {"column 1 (id)", "::uuid"},
		"SELECT uid, note, mail, true FROM users WHERE uid = ANY($1)":                    {"column 2 (username)", "int4"},
		"SELECT uid, name, mail, true FROM users":                                        {"one parameter", "ANY($1)"},
		"SELECT uid, name, mail, true FROM users WHERE uid = $1":                         {"one parameter"},
		"SELECT uid, name, mail, true FROM customers WHERE uid = ANY($1)":                {"USERS_QUERY", "customers"},
		"SELECT uid, name, mail, true FROM users WHERE uid = ANY($1); DELETE FROM users": {"the database refuses", "multiple commands"},
	} {
		wants(t, open(t, Options{URL: url, UsersQuery: query}).Check(within(t)), append(want, "USERS_QUERY")...)
	}
}
