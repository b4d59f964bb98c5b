// Package postgres keeps users and revoked tokens in PostgreSQL. It has lookups for the cache, the schema and its
// migrations, the operator's changes of users, and a listener for notifications of changes; its callers act on them.
package postgres

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"momentum/server/auth"
	"momentum/server/directory"
)

// ownUsers looks users up in the table that "momentum migrate" makes.
const ownUsers = "SELECT id, username, email, active FROM users WHERE id = ANY($1)"

// Options say which database, and how much of it.
type Options struct {
	URL        string
	PoolSize   int    // connections at most, not counting the listener's
	UsersQuery string // replaces ownUsers, for the operator's own table
}

// Database is a pool of connections. It connects with the first query.
type Database struct {
	pool   *pgxpool.Pool
	query  string
	mapped bool // users are in the operator's own table
}

// Open returns a database without connecting to it. It fails if the URL is invalid.
func Open(o Options) (*Database, error) {
	config, err := parse(o.URL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(o.PoolSize)
	config.MinConns, config.MinIdleConns = 0, 0
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = connectionLife, connectionLifeJitter
	config.MaxConnIdleTime, config.HealthCheckPeriod, config.PingTimeout = connectionIdle, healthCheck, pingTimeout
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	d := &Database{pool: pool, query: ownUsers}
	if o.UsersQuery != "" {
		d.query, d.mapped = o.UsersQuery, true
	}
	return d, nil
}

// Close closes all connections, which must not be in use any more. It waits for at most closePatience.
func (d *Database) Close() {
	closed := make(chan struct{})
	go func() {
		d.pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closePatience):
	}
}

// Lookup implements directory.Source.
func (d *Database) Lookup(ctx context.Context, ids []uuid.UUID) ([]directory.User, error) {
	users, err := d.lookup(ctx, d.pool, ids)
	return users, known(err)
}

func (d *Database) lookup(ctx context.Context, from querier, ids []uuid.UUID) ([]directory.User, error) {
	wanted := make([][16]byte, len(ids))
	for i, id := range ids {
		wanted[i] = id
	}
	rows, err := from.Query(ctx, d.query, wanted)
	if err != nil {
		return nil, err
	}
	users := make([]directory.User, 0, len(ids))
	var id [16]byte
	var name, email *string // an operator's table may have NULLs
	var active *bool
	_, err = pgx.ForEachRow(rows, []any{&id, &name, &email, &active}, func() error {
		u := directory.User{ID: id, Standing: directory.Inactive}
		if name != nil {
			u.Username = clip(*name, auth.MaxUsernameBytes)
		}
		if email != nil {
			u.Email = clip(*email, auth.MaxEmailBytes)
		}
		if active != nil && *active {
			u.Standing = directory.Active
		}
		users = append(users, u)
		return nil
	})
	if d.mapped {
		users = once(users)
	}
	return users, err
}

// once returns each user once. An operator's query may return an id several times, as a join does; if one of these
// rows is inactive, the user is.
func once(users []directory.User) []directory.User {
	first := make(map[uuid.UUID]int, len(users))
	kept := users[:0]
	for _, u := range users {
		i, twice := first[u.ID]
		switch {
		case !twice:
			first[u.ID] = len(kept)
			kept = append(kept, u)
		case u.Standing != directory.Active:
			kept[i] = u
		}
	}
	return kept
}

// clip shortens a text of the operator's table, which may have any length: names are sent to every user online, and
// names and addresses are remembered.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.Clone(text[:most])
}
