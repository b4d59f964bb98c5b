package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/postgrestest"
	"momentum/server"
	"momentum/server/auth"
	"momentum/server/directory"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

// command runs a command line against a database and returns its output.
func command(t *testing.T, url string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	alone(t, map[string]string{"DATABASE_URL": url})
	var out, complaints bytes.Buffer
	code = run(args, &out, &complaints, func(int) {})
	return code, out.String(), complaints.String()
}

func TestCheckNamesMissingRightsInTheDatabase(t *testing.T) {
	url := postgrestest.Database(t)
	if code, _, stderr := command(t, url, "migrate"); code != 0 {
		t.Fatal(stderr)
	}
	check := func(url string) (string, int) {
		t.Helper()
		c := free(t)
		c.DatabaseURL = url
		out, err := checked(t, c)
		return out, exitCode(err)
	}
	if out, code := check(url); code != 0 || strings.Contains(out, "warning:") {
		t.Errorf("a good one: exit code %d\n%s", code, out)
	}
	postgrestest.Exec(t, url, "CREATE ROLE clerk LOGIN PASSWORD 'pw'")
	t.Cleanup(func() { postgrestest.Exec(t, url, "DROP OWNED BY clerk; DROP ROLE clerk") }) // a role belongs to all databases of the server
	postgrestest.Exec(t, url, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
	clerk := strings.Replace(strings.Replace(url, "momentum:", "clerk:", 1), "not-so+secret", "pw", 1)
	if out, code := check(clerk); code != 0 || !strings.HasPrefix(out, `warning: the user "clerk" may not write to the table revocations`) {
		t.Errorf("a role that cannot write: exit code %d\n%s", code, out)
	}
	c := free(t)
	c.DatabaseURL = clerk
	var log bytes.Buffer
	u, err := openUsers(c, 1, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	u.close()
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "may not write to the table revocations") {
		t.Errorf("a server does not say it: %s", &log)
	}
	s := postgrestest.Start(t)
	standby := s.Database(t)
	if code, _, stderr := command(t, standby, "migrate"); code != 0 {
		t.Fatal(stderr)
	}
	s.Demote(t)
	if out, code := check(standby); code != exitFailed || !strings.HasPrefix(out, "error: the database is a hot standby") {
		t.Errorf("a hot standby: exit code %d\n%s", code, out)
	}
}

// directoryRecord is a node that notes the calls of its directory.
type directoryRecord struct {
	online   []uuid.UUID
	shut     chan uuid.UUID
	restored []auth.Revocation
	refuses  string // a token with a revocation above the limit
	revoked  chan auth.Revocation
}

func (r *directoryRecord) EachUserOnline(yield func(uuid.UUID) bool) {
	for _, id := range r.online {
		if !yield(id) {
			return
		}
	}
}

func (r *directoryRecord) Deactivate(_ context.Context, users ...uuid.UUID) error {
	for _, id := range users {
		r.shut <- id
	}
	return nil
}

func (r *directoryRecord) Restore(all ...auth.Revocation) error {
	if slices.ContainsFunc(all, func(v auth.Revocation) bool { return v.TokenID == r.refuses && r.refuses != "" }) {
		return auth.ErrTooManyRevocations
	}
	r.restored = append(r.restored, all...)
	return nil
}

func (r *directoryRecord) Lift(auth.Revocation) (until int64) { return 0 }

func (r *directoryRecord) Revoke(all ...auth.Revocation) (*server.Eviction, error) {
	for _, v := range all {
		r.revoked <- v
	}
	return nil, nil
}

func TestUsersAreFollowed(t *testing.T) {
	const patience = 20 * time.Second
	url := postgrestest.Database(t)
	c := good(t)
	c.DatabaseURL = url
	log := slog.New(slog.DiscardHandler)
	if _, err := openUsers(c, 1, log); err == nil || !strings.Contains(err.Error(), "run momentum migrate") {
		t.Fatalf("without tables: %v", err)
	}
	command(t, url, "migrate")
	command(t, url, "users", "add", "--username", "alice", "--email", "alice@example.com")
	u, err := openUsers(c, 1, log)
	if err != nil {
		t.Fatal(err)
	}
	defer u.close()
	alice := auth.UserID("alice@example.com")
	old := auth.Revocation{TokenID: "old", UserID: alice, Until: time.Now().Add(time.Hour).Unix()}
	if err := u.database.Record(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	n := &directoryRecord{shut: make(chan uuid.UUID, 10), revoked: make(chan auth.Revocation, 10)}
	if err := u.restore(n); err != nil || !slices.Equal(n.restored, []auth.Revocation{old}) {
		t.Fatalf("error %v, restored %v", err, n.restored)
	}
	u.follow(n)
	if got := <-n.revoked; got != old {
		t.Errorf("notified again: %v", got)
	}
	if err := u.database.Record(t.Context(), auth.Revocation{TokenID: "new", Until: old.Until}); err != nil {
		t.Fatal(err)
	}
	if err := u.restore(&directoryRecord{refuses: "old"}); !errors.Is(err, auth.ErrTooManyRevocations) || !strings.Contains(err.Error(), "delete the rows") {
		t.Errorf("one above the limit, and another after it: %v", err)
	}
	answers := make(chan directory.User, 1)
	u.cache.Ask(alice, time.Now().Add(patience), told(func(u directory.User, err error) { answers <- u }))
	if got := <-answers; got.Standing != directory.Active {
		t.Errorf("alice is %v", got)
	}
	command(t, url, "users", "deactivate", "alice@example.com")
	select {
	case who := <-n.shut:
		if who != alice {
			t.Errorf("%v was deactivated", who)
		}
	case <-time.After(time.Second):
		t.Error("no user was deactivated within a second")
	}
	if err := u.healthy(); err != nil {
		t.Error(err)
	}
}

type told func(directory.User, error)

func (f told) Answer(u directory.User, err error) { f(u, err) }
