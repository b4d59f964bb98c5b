package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
)

// populate adds the stress tool's first n users to the database.
func populate(t *testing.T, database string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	row := func(i int) ([]any, error) {
		name := fmt.Sprintf("stress-%d", i)
		return []any{[16]byte(auth.UserID(name + "@example.com")), name, name + "@example.com"}, nil
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"users"}, []string{"id", "username", "email"}, pgx.CopyFromSlice(n, row)); err != nil {
		t.Fatal(err)
	}
}

// storm has the stress tool connect n users at once, and returns when all of them have been connected. It uses two source
// addresses, because the kernel needs long to find a free port when half of an address's ports are in use.
func (s *serving) storm(t *testing.T, n int, sources string) {
	t.Helper()
	record := filepath.Join(t.TempDir(), "storm.json")
	p := start(t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_stress_test"), "--test-type", "storm", "--url", "ws://"+s.ws+"/ws",
		"--connections", fmt.Sprint(n), "--max-concurrent", "2000", "--duration", "40", "--source", sources, "--json", record)
	if code := p.exit(); code != 0 {
		t.Errorf("the stress tool exits with %d:\n%s", code, p.text())
	}
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Errorf("the record is %.200s", text)
	}
}

// TestStormOfUsersCostsTensOfQueries connects as many different users at once as one process has descriptors for, and counts
// the queries in PostgreSQL. Then the same users connect again.
func TestStormOfUsersCostsTensOfQueries(t *testing.T) {
	const users = 19000
	url := postgrestest.Database(t)
	migrated(t, url)
	populate(t, url, users)
	postgrestest.Exec(t, url, "CREATE EXTENSION pg_stat_statements")
	queries := func() int64 {
		return postgrestest.Number(t, url, `SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query LIKE '%FROM users WHERE id = ANY%'
			AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	}
	connections := func() int64 {
		return postgrestest.Number(t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	}
	s := serveUsers(t, url, "DB_POOL_SIZE=4")
	settled := time.After(4 * time.Second) // 3 s after a start, all users online are looked up once more
	before, began := queries(), time.Now()
	s.storm(t, users, "127.0.0.2,127.0.0.3")
	first, most := queries()-before, 60+25*int64(time.Since(began)/time.Second) // some of them look all users online up again
	<-settled
	if n := connections(); n > 5 {
		t.Errorf("%d connections to the database", n)
	}
	before = queries()
	s.storm(t, users, "127.0.0.4,127.0.0.5")
	again := queries() - before
	t.Logf("%d users: %d queries, and %d when they came again", users, first, again)
	if first < users/1000 || first > most || again != 0 {
		t.Errorf("%d queries for %d users, want at most %d; %d when they connected again, want none", first, users, most, again)
	}
	_, body := ask(t, "GET", "http://"+s.admin+"/metrics", "")
	if admitted := fmt.Sprintf("\nmomentum_handshakes_admitted_total %d\n", 2*users); !strings.Contains(body, admitted) {
		t.Errorf("fewer than %d handshakes were admitted", 2*users)
	}
}
