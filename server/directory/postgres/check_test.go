package postgres

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/postgrestest"
	"momentum/server/directory"
)

// as returns the address of a database for a new user with the password "pw" and the given rights.
func as(t *testing.T, address, user string, grants ...string) string {
	t.Helper()
	postgrestest.Exec(t, address, "CREATE ROLE "+user+" LOGIN PASSWORD 'pw'")
	for _, grant := range grants {
		postgrestest.Exec(t, address, "GRANT "+grant+" TO "+user)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, "pw")
	return u.String()
}

func TestRightsThatAreMissingAreNamed(t *testing.T) {
	address := postgrestest.Database(t)
	migrated(t, address)
	const versions, users = "SELECT ON momentum_migrations", "SELECT ON users"
	for user, tt := range map[string]struct {
		grants []string
		check  []string // nil: good
		short  []string // nil: nothing
	}{
		"all_rights":   {[]string{versions, users, "SELECT, INSERT, DELETE ON revocations"}, nil, nil},
		"no_write":     {[]string{versions, users, "SELECT ON revocations"}, nil, []string{`"no_write" may not write`, "503", "GRANT INSERT", "GRANT DELETE"}},
		"no_delete":    {[]string{versions, users, "SELECT, INSERT ON revocations"}, nil, []string{`"no_delete" may not delete`, "GRANT DELETE"}},
		"no_read":      {[]string{versions, users}, []string{"revocations cannot be read", "permission denied", "docs/DIRECTORY.md"}, nil},
		"no_users":     {[]string{versions, "SELECT ON revocations"}, []string{"table users", "permission denied", "docs/DIRECTORY.md"}, nil},
		"no_migration": {nil, []string{"permission denied for table momentum_migrations", "docs/DIRECTORY.md"}, nil},
	} {
		t.Run(user, func(t *testing.T) {
			d := open(t, Options{URL: as(t, address, user, tt.grants...)})
			err := d.Check(within(t))
			if tt.check != nil {
				wants(t, err, tt.check...)
				if Permanent(err) {
					t.Error("a right may be granted while a server tries again")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			short := d.Shortcomings(within(t))
			if tt.short == nil && len(short) > 0 {
				t.Error(short)
			} else if tt.short != nil {
				wants(t, errors.Join(short...), tt.short...)
			}
		})
	}
	reader := as(t, address, "reader", versions, users, "SELECT, INSERT, DELETE ON revocations")
	postgrestest.Exec(t, address, "ALTER ROLE reader SET default_transaction_read_only = on")
	d := open(t, Options{URL: reader})
	if err := d.Check(within(t)); err != nil {
		t.Error(err)
	}
	wants(t, errors.Join(d.Shortcomings(within(t))...), "takes no changes", "default_transaction_read_only", "503")
	wants(t, d.Add(within(t), directory.User{ID: uuid.New(), Username: "x", Email: "x@example.com"}), "takes no changes from this user")
}

func TestHotStandbyIsNamed(t *testing.T) {
	s := postgrestest.Start(t)
	address := s.Database(t)
	migrated(t, address)
	s.Demote(t)
	d := open(t, Options{URL: address})
	if err := d.Check(within(t)); err != nil {
		t.Error(err)
	}
	if short := d.Shortcomings(within(t)); len(short) != 1 || !errors.Is(short[0], ErrStandby) {
		t.Error(short)
	}
	s.Stop(t)
	wants(t, errors.Join(d.Shortcomings(within(t))...), "cannot be seen", "the database cannot be reached")
}

func TestQueriesThatChangeSomethingAreRefused(t *testing.T) {
	address := postgrestest.Database(t)
	migrated(t, address)
	populate(t, address, 3)
	for _, query := range []string{
		"DELETE FROM users WHERE id = ANY($1) RETURNING id, username, email, active",
		"UPDATE users SET active = false WHERE id = ANY($1) RETURNING id, username, email, active",
		"WITH gone AS (DELETE FROM users WHERE id = ANY($1) RETURNING *) SELECT id, username, email, active FROM gone",
		"SELECT id, username, email, active FROM users WHERE id = ANY($1) FOR UPDATE",
	} {
		err := open(t, Options{URL: address, UsersQuery: query}).Check(within(t))
		wants(t, err, "USERS_QUERY (--users-query) must be a SELECT that changes nothing")
		if !Permanent(err) {
			t.Errorf("%v may pass", err)
		}
	}
}

func TestInactiveWinsAmongRowsOfOneUser(t *testing.T) {
	address := postgrestest.Database(t)
	postgrestest.Exec(t, address, `CREATE TABLE members (uid uuid, name text, active boolean);
		INSERT INTO members VALUES ('00000000-0000-4000-8000-000000000001', 'a', false), ('00000000-0000-4000-8000-000000000001', 'b', true),
			('00000000-0000-4000-8000-000000000002', 'a', true), ('00000000-0000-4000-8000-000000000002', 'b', NULL),
			('00000000-0000-4000-8000-000000000003', 'a', true), ('00000000-0000-4000-8000-000000000003', 'b', true)`)
	d := open(t, Options{URL: address, UsersQuery: "SELECT uid, name, '', active FROM members WHERE uid = ANY($1) ORDER BY uid, name"})
	users, err := d.Lookup(within(t), []uuid.UUID{person(1), person(2), person(3)})
	if err != nil || len(users) != 3 {
		t.Fatalf("%v, %v", users, err)
	}
	for i, want := range []directory.Standing{directory.Inactive, directory.Inactive, directory.Active} {
		if users[i].ID != person(i+1) || users[i].Standing != want {
			t.Errorf("user %d is %v, want %v", i+1, users[i], want)
		}
	}
}

func TestQueriesThatTheDatabaseRefuses(t *testing.T) {
	address := postgrestest.Database(t)
	migrated(t, address)
	for query, tt := range map[string]struct {
		permanent bool
		want      []string
	}{
		"SELEC id": {true, []string{"USERS_QUERY (--users-query): the database refuses \"SELEC id\": syntax error"}},
		"SELECT uid, username, email, active FROM users WHERE id = ANY($1)": {true, []string{"USERS_QUERY", `column "uid" does not exist`}},
		"SELECT id, username, email FROM users WHERE id = ANY($1)":          {true, []string{"USERS_QUERY", "3 columns instead of 4"}},
		"SELECT id, username, email, active FROM people WHERE id = ANY($1)": {false, []string{"USERS_QUERY", `"people" does not exist`}},
	} {
		err := open(t, Options{URL: address, UsersQuery: query}).Check(within(t))
		wants(t, err, tt.want...)
		if Permanent(err) != tt.permanent {
			t.Errorf("%s: permanent is %v", query, !tt.permanent)
		}
	}
}

func TestListenersAndLookupsReportTheSameErrors(t *testing.T) {
	d := open(t, Options{URL: "postgresql://u:pw@127.0.0.1:1/d"})
	_, err := d.Lookup(within(t), nil)
	wants(t, err, "the database cannot be reached: nothing listens on 127.0.0.1:1")
	l := d.Listen(&node{}, time.Now, quiet(), 1)
	defer l.Close()
	eventually(t, "the listener has tried", func() bool { return !strings.Contains(l.Healthy().Error(), errNotYet.Error()) })
	wants(t, l.Healthy(), "no notifications of changes arrive: the database cannot be reached: nothing listens on 127.0.0.1:1")
}
