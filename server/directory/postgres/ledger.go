package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"momentum/server/auth"
)

// One revocation covers another if it is of the same token or user and reaches at least as far. A ban covers bans only,
// since bans and revocations are lifted separately; 9223372036854775807 as issued_before makes a ban.
const (
	sameSubject = `token_id = $1 AND user_id = $2 AND (issued_before = 9223372036854775807) = ($3 = 9223372036854775807)`

	addRevocation = `INSERT INTO revocations (token_id, user_id, issued_before, until) SELECT $1, $2, $3, $4
		WHERE NOT EXISTS (SELECT FROM revocations WHERE ` + sameSubject + ` AND issued_before >= $3 AND until >= $4)`

	deleteCovered = `DELETE FROM revocations WHERE ` + sameSubject + `
		AND issued_before <= $3 AND until <= $4 AND (issued_before < $3 OR until < $4)`
)

// Record puts a revocation into the table, of which the database notifies every node, this one too. It adds none that
// is covered already, and deletes those that the new one covers: revocations that never end would pile up otherwise.
func (d *Database) Record(ctx context.Context, r auth.Revocation) error {
	row := []any{r.TokenID, [16]byte(r.UserID), r.IssuedBefore, r.Until}
	if _, err := d.pool.Exec(ctx, addRevocation, row...); err != nil {
		return known(err)
	}
	_, _ = d.pool.Exec(ctx, deleteCovered, row...) // it only saves space; Shortcomings reports a role without DELETE
	return nil
}

const liftRevocations = `WITH gone AS (DELETE FROM revocations WHERE ` + sameSubject + `)
	SELECT pg_notify('` + liftsChannel + `', json_build_object('token_id', $1::text, 'user_id', $2::uuid, 'issued_before', $3::bigint, 'until', 0)::text)`

// Lift deletes the ban of a user, or the revocations of a token or of a user's tokens, as r names them, and has the database notify every
// node.
func (d *Database) Lift(ctx context.Context, r auth.Revocation) error {
	_, err := d.pool.Exec(ctx, liftRevocations, r.TokenID, [16]byte(r.UserID), r.IssuedBefore)
	return known(err)
}

const readRevocations = "SELECT token_id, user_id, issued_before, until FROM revocations WHERE until > $1"

// Load returns the revocations that are in force.
func (d *Database) Load(ctx context.Context, now time.Time) ([]auth.Revocation, error) {
	rows, err := d.pool.Query(ctx, readRevocations, now.Unix())
	if err != nil {
		return nil, known(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r auth.Revocation, err error) {
		var user [16]byte
		err = row.Scan(&r.TokenID, &user, &r.IssuedBefore, &r.Until)
		r.UserID = user
		return r, err
	})
	return all, known(err)
}

// Prune deletes revocations that ended more than pruneMargin ago, and returns how many those were.
func (d *Database) Prune(ctx context.Context, now time.Time) (int64, error) {
	done, err := d.pool.Exec(ctx, "DELETE FROM revocations WHERE until <= $1", now.Add(-pruneMargin).Unix())
	return done.RowsAffected(), known(err)
}

// parseRevocation reads the payload with which the trigger announces a new row.
func parseRevocation(payload string) (auth.Revocation, error) {
	var said struct {
		TokenID      string    `json:"token_id"`
		UserID       uuid.UUID `json:"user_id"`
		IssuedBefore int64     `json:"issued_before"`
		Until        int64     `json:"until"`
	}
	err := json.Unmarshal([]byte(payload), &said)
	return auth.Revocation(said), err
}
