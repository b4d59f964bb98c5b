package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema. It never changes once published; the next migration corrects its faults.
type migration struct {
	version int
	name    string
	sql     string
	users   bool // about the table users, which an operator's own takes the place of
}

// migrations returns all steps in their order.
func migrations() ([]migration, error) {
	paths, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, path := range paths { // sorted by name, which begins with the version
		text, err := migrationFiles.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql")
		number, what, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", path, err)
		}
		all = append(all, migration{version, name, string(text), strings.HasPrefix(what, "users")})
	}
	return all, nil
}

const (
	makeVersions = `CREATE TABLE IF NOT EXISTS momentum_migrations (
		version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`
	readVersions = `SELECT version FROM momentum_migrations ORDER BY version`
	noteVersion  = `INSERT INTO momentum_migrations (version, name) VALUES ($1, $2)`
)

// Migrate brings the schema to the one this version works with and returns the names of the steps it took, none
// when there was nothing to do. All are taken or none; of several that run at once, one takes them.
func (d *Database) Migrate(ctx context.Context) (taken []string, err error) {
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	tx, err := d.pool.Begin(ctx)
	if err != nil {
		return nil, known(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // no effect after a commit
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
		return nil, known(err)
	}
	if _, err := tx.Exec(ctx, makeVersions); err != nil {
		return nil, known(err)
	}
	applied, err := versions(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := tooNew(applied, all); err != nil {
		return nil, err
	}
	for _, m := range d.missing(applied, all) {
		if err := m.apply(ctx, tx); err != nil {
			return nil, err
		}
		taken = append(taken, m.name)
	}
	return taken, tx.Commit(ctx)
}

func (m migration) apply(ctx context.Context, tx pgx.Tx) error {
	// Several statements, which only the simple protocol takes.
	_, err := tx.Conn().PgConn().Exec(ctx, m.sql).ReadAll()
	if sqlState(err) == tableThere && m.users {
		return errors.New("there is a table users already that momentum did not make: name it in USERS_QUERY (--users-query) to use it, " +
			"or give momentum a database or a schema of its own (?search_path=momentum in DATABASE_URL)")
	}
	if err != nil {
		return fmt.Errorf("migration %s: %w", m.name, known(err))
	}
	_, err = tx.Exec(ctx, noteVersion, m.version, m.name)
	return err
}

// Pending returns the names of the steps that Migrate would take.
func (d *Database) Pending(ctx context.Context) ([]string, error) {
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	applied, err := versions(ctx, d.pool)
	if err != nil && !isMissing(err) {
		return nil, known(err)
	}
	if err := tooNew(applied, all); err != nil {
		return nil, err
	}
	var names []string
	for _, m := range d.missing(applied, all) {
		names = append(names, m.name)
	}
	return names, nil
}

// checkSchema returns why the schema is not the one this version works with.
func (d *Database) checkSchema(ctx context.Context) error {
	pending, err := d.Pending(ctx)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the database lacks %s: run momentum migrate", strings.Join(pending, ", "))
	}
	return nil
}

// missing returns the steps that have not been taken. An operator's own table of users needs none of ours.
func (d *Database) missing(applied []int, all []migration) (steps []migration) {
	for _, m := range all {
		if !slices.Contains(applied, m.version) && !(m.users && d.mapped) {
			steps = append(steps, m)
		}
	}
	return steps
}

// tooNew refuses a database that a later version has migrated, because its changes are unknown here.
func tooNew(applied []int, all []migration) error {
	newest := all[len(all)-1].version
	if n := len(applied); n > 0 && applied[n-1] > newest {
		return permanentError{fmt.Errorf("the database has migration %d, and this version of momentum knows none above %d: run the version that migrated it, or a later one",
			applied[n-1], newest)}
	}
	return nil
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func versions(ctx context.Context, q querier) ([]int, error) {
	rows, err := q.Query(ctx, readVersions)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}
