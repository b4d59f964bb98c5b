package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"momentum/server/auth"
)

// Record takes tokens back for all nodes: each hears of it, this one too.
func (d *Database) Record(ctx context.Context, r auth.Revocation) error {
	_, err := d.pool.Exec(ctx, "INSERT INTO revocations (token_id, user_id, issued_before, until) VALUES ($1, $2, $3, $4)",
		r.TokenID, [16]byte(r.UserID), r.IssuedBefore, r.Until)
	return known(err)
}

const readRevocations = "SELECT token_id, user_id, issued_before, until FROM revocations WHERE until >= $1"

// Load hands every revocation that is not yet past to take.
func (d *Database) Load(ctx context.Context, now time.Time, take func(auth.Revocation)) error {
	return known(d.eachRevocation(ctx, readRevocations, now.Unix(), take))
}

func (d *Database) eachRevocation(ctx context.Context, query string, from int64, take func(auth.Revocation)) error {
	rows, err := d.pool.Query(ctx, query, from)
	if err != nil {
		return err
	}
	var r auth.Revocation
	var id [16]byte
	_, err = pgx.ForEachRow(rows, []any{&r.TokenID, &id, &r.IssuedBefore, &r.Until}, func() error {
		r.UserID = id
		take(r)
		return nil
	})
	return err
}

// Prune deletes revocations that are past, and returns how many.
func (d *Database) Prune(ctx context.Context, now time.Time) (int64, error) {
	done, err := d.pool.Exec(ctx, "DELETE FROM revocations WHERE until < $1", now.Unix())
	return done.RowsAffected(), known(err)
}

// parseRevocation reads what the trigger says of a new one.
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
