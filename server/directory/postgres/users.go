package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"momentum/server/directory"
)

// The results for users that exist and users that do not.
var (
	ErrDuplicate = errors.New("there is a user with this id or address already")
	ErrNoUser    = errors.New("there is no such user")
	ErrMapped    = errors.New("users are in a table of your own (USERS_QUERY): add and change them there")
)

// Add adds a user.
func (d *Database) Add(ctx context.Context, u directory.User) error {
	if d.mapped {
		return ErrMapped
	}
	_, err := d.pool.Exec(ctx, "INSERT INTO users (id, username, email, active) VALUES ($1, $2, $3, $4)",
		[16]byte(u.ID), u.Username, u.Email, u.Standing == directory.Active)
	if sqlState(err) == duplicate {
		return ErrDuplicate
	}
	return known(err)
}

// List returns up to limit users with an id above after, in the order of their ids.
func (d *Database) List(ctx context.Context, after uuid.UUID, limit int) ([]directory.User, error) {
	if d.mapped {
		return nil, ErrMapped
	}
	rows, err := d.pool.Query(ctx, "SELECT id, username, email, active FROM users WHERE id > $1 ORDER BY id LIMIT $2", [16]byte(after), limit)
	if err != nil {
		return nil, known(err)
	}
	users, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (directory.User, error) { return scanUser(row) })
	return users, known(err)
}

// scanUser reads the columns id, username, email and active.
func scanUser(row pgx.Row) (u directory.User, err error) {
	var id [16]byte
	var active bool
	err = row.Scan(&id, &u.Username, &u.Email, &active)
	u.ID, u.Standing = id, directory.Inactive
	if active {
		u.Standing = directory.Active
	}
	return u, err
}

// Find returns a user, by id or by e-mail address.
func (d *Database) Find(ctx context.Context, who string) (directory.User, error) {
	return d.one(ctx, who, "SELECT id, username, email, active FROM users WHERE ", "")
}

// Remove deletes a user, by id or by e-mail address, and returns the row. The nodes are notified, and close the user's connections.
func (d *Database) Remove(ctx context.Context, who string) (directory.User, error) {
	return d.one(ctx, who, "DELETE FROM users WHERE ", " RETURNING id, username, email, active")
}

// one runs a query about one user, between the parts of which the condition stands.
func (d *Database) one(ctx context.Context, who, before, after string) (directory.User, error) {
	if d.mapped {
		return directory.User{}, ErrMapped
	}
	condition, key := "lower(email) = lower($1)", any(who)
	if id, err := uuid.Parse(who); err == nil {
		condition, key = "id = $1", [16]byte(id)
	}
	u, err := scanUser(d.pool.QueryRow(ctx, before+condition+after, key))
	if errors.Is(err, pgx.ErrNoRows) {
		return u, ErrNoUser
	}
	return u, known(err)
}

// SetActive lets a user connect or not, by id or by e-mail address, and returns the id.
func (d *Database) SetActive(ctx context.Context, who string, active bool) (uuid.UUID, error) {
	if d.mapped {
		return uuid.Nil, ErrMapped
	}
	sql, key := "UPDATE users SET active = $2 WHERE lower(email) = lower($1) RETURNING id", any(who)
	if id, err := uuid.Parse(who); err == nil {
		sql, key = "UPDATE users SET active = $2 WHERE id = $1 RETURNING id", [16]byte(id)
	}
	var id [16]byte
	err := d.pool.QueryRow(ctx, sql, key, active).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrNoUser
	}
	return id, known(err)
}

// known adds advice for the operator to a failure.
func known(err error) error {
	var said *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case isMissing(err):
		return fmt.Errorf("the database lacks a table of momentum: run momentum migrate (%w)", err)
	case isAway(err):
		return unreachable(err)
	case errors.As(err, &said):
		return refused(said)
	default:
		return err
	}
}
