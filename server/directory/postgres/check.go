package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// column is a column that a query for users must return.
type column struct {
	name, kind string
	oids       []uint32
	cast       string
}

// textual are the types that are read as text.
func textual() []uint32 {
	return []uint32{pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID}
}

func userColumns() []column {
	return []column{
		{"id", "uuid", []uint32{pgtype.UUIDOID}, "::uuid"},
		{"username", "text", textual(), "::text"},
		{"email", "text", textual(), "::text"},
		{"active", "boolean", []uint32{pgtype.BoolOID}, "::boolean"},
	}
}

// permanentError is a failure that repeats until the settings or the program are changed.
type permanentError struct{ error }

// Unwrap returns the failure.
func (e permanentError) Unwrap() error { return e.error }

// Permanent reports whether an error of Check would repeat at every start, so that a supervisor need not try again.
func Permanent(err error) bool {
	var permanent permanentError
	return errors.As(err, &permanent)
}

// Check returns why a server should not start on this database: it cannot be reached, its schema is not the one of
// this version, or users or revocations cannot be read.
func (d *Database) Check(ctx context.Context) error {
	if err := d.checkSchema(ctx); err != nil {
		return err
	}
	if err := d.checkQuery(ctx); err != nil {
		return err
	}
	if err := d.tryReading(ctx, readRevocations+" LIMIT 0", 0); err != nil {
		return fmt.Errorf("the table revocations cannot be read: %w", known(err))
	}
	return nil
}

// tryReading runs a query that returns no rows.
func (d *Database) tryReading(ctx context.Context, query string, arguments ...any) error {
	_, err := d.pool.Exec(ctx, query, arguments...)
	return err
}

// checkQuery checks the types of the parameter and the columns of the query for users, and runs it without ids: only
// then does the database check, for one, the rights to the table. The query must only read, since it runs very often.
func (d *Database) checkQuery(ctx context.Context) error {
	tx, err := d.pool.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return unreachable(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	described, err := tx.Conn().Prepare(ctx, "", d.query)
	if err == nil {
		if problems := mistakes(described.ParamOIDs, described.Fields, tx.Conn().TypeMap()); len(problems) > 0 {
			return d.misfit(problems)
		}
		_, err = d.lookup(ctx, tx, nil)
	}
	return d.queryFault(err)
}

// querySource names the query for users as the operator knows it.
func (d *Database) querySource() string {
	if d.mapped {
		return "USERS_QUERY (--users-query)"
	}
	return "the table users is not as momentum migrate made it"
}

// misfit returns the faults in the types of the query for users.
func (d *Database) misfit(problems []string) error {
	err := fmt.Errorf("%s: %s: write it like %q", d.querySource(), strings.Join(problems, ", and "), ownUsers)
	if d.mapped {
		return permanentError{err}
	}
	return err
}

// queryFault explains why the database refuses the query for users.
func (d *Database) queryFault(err error) error {
	var said *pgconn.PgError
	if err == nil {
		return nil
	}
	if !errors.As(err, &said) {
		return unreachable(err)
	}
	switch {
	case d.mapped && said.Code == readOnly:
		return permanentError{fmt.Errorf("%s must be a SELECT that changes nothing, since it runs at each look-up: %s", d.querySource(), said.Message)}
	case d.mapped && said.Code != noTable && said.Code != noRight && strings.HasPrefix(said.Code, mistaken):
		return permanentError{fmt.Errorf("%s: the database refuses %q: %s", d.querySource(), d.query, said.Message)}
	}
	return fmt.Errorf("%s: %w", d.querySource(), refused(said))
}

// ErrStandby means that the database is a hot standby, which takes no LISTEN: a server would miss every change.
var ErrStandby = errors.New("the database is a hot standby: a server on it is notified of no change, so it is never ready, and cannot revoke tokens; " +
	"lead DATABASE_URL to the primary")

// Shortcomings returns the features that do not work on this database.
func (d *Database) Shortcomings(ctx context.Context) []error {
	var standby, fixed, insert, remove bool
	var user string
	err := d.pool.QueryRow(ctx, `SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean,
		has_table_privilege('revocations', 'INSERT'), has_table_privilege('revocations', 'DELETE'), current_user`).
		Scan(&standby, &fixed, &insert, &remove, &user)
	switch {
	case err != nil:
		return []error{fmt.Errorf("it cannot be seen whether the database takes revocations: %w", known(err))}
	case standby:
		return []error{ErrStandby}
	case fixed:
		return []error{errors.New("the database takes no changes from this user (default_transaction_read_only): POST /ws/revoke is answered with 503")}
	}
	var all []error
	if !insert {
		all = append(all, fmt.Errorf("the user %q may not write to the table revocations, so POST /ws/revoke is answered with 503: GRANT INSERT ON revocations to it", user))
	}
	if !remove {
		all = append(all, fmt.Errorf("the user %q may not delete from the table revocations, so it grows for ever: GRANT DELETE ON revocations to it", user))
	}
	return all
}

// mistakes lists the faults of a query for users.
func mistakes(parameters []uint32, fields []pgconn.FieldDescription, types *pgtype.Map) (problems []string) {
	if len(parameters) != 1 || parameters[0] != pgtype.UUIDArrayOID {
		problems = append(problems, "it must have one parameter, $1, an array of uuid (id = ANY($1), or ANY($1::uuid[]))")
	}
	columns := userColumns()
	if len(fields) != len(columns) {
		return append(problems, fmt.Sprintf("it returns %d columns instead of 4: id, username, email, active", len(fields)))
	}
	for i, want := range columns {
		fits := false
		for _, oid := range want.oids {
			fits = fits || fields[i].DataTypeOID == oid
		}
		if !fits {
			kind := fmt.Sprintf("type %d", fields[i].DataTypeOID)
			if t, ok := types.TypeForOID(fields[i].DataTypeOID); ok {
				kind = t.Name
			}
			problems = append(problems, fmt.Sprintf("column %d (%s) must be %s, and %s is %s (add %s)",
				i+1, want.name, want.kind, fields[i].Name, kind, want.cast))
		}
	}
	return problems
}

// isAway reports whether the database cannot be reached or takes no connection, rather than refusing a query.
func isAway(err error) bool {
	var connecting *pgconn.ConnectError
	return errors.As(err, &connecting) || sqlState(err) == ""
}

// isMissing says whether a query failed because there is no such table.
func isMissing(err error) bool { return sqlState(err) == noTable }

// sqlState returns the code of PostgreSQL's error, or "".
func sqlState(err error) string {
	var refused interface{ SQLState() string }
	if errors.As(err, &refused) {
		return refused.SQLState()
	}
	return ""
}
