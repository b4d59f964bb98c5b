package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// column is what a query for users must return at a place.
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

// Check returns why a server should not start on this database: it cannot be reached, its schema is not the one
// this version works with, or users cannot be looked up.
func (d *Database) Check(ctx context.Context) error {
	if err := d.checkSchema(ctx); err != nil {
		return err
	}
	what := "the table users is not as \"momentum migrate\" made it"
	if d.mapped {
		what = "USERS_QUERY (--users-query)"
	}
	if err := d.checkQuery(ctx, what); err != nil {
		return err
	}
	if _, err := d.Lookup(ctx, nil); err != nil { // a right to the table, for one, is asked for only now
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// checkQuery prepares the query for users and looks at the types of what goes in and comes out.
func (d *Database) checkQuery(ctx context.Context, what string) error {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return unreachable(err)
	}
	defer conn.Release()
	described, err := conn.Conn().Prepare(ctx, "", d.query)
	if err != nil {
		return fmt.Errorf("%s: the database cannot prepare %q: %w", what, d.query, err)
	}
	if problems := mistakes(described.ParamOIDs, described.Fields, conn.Conn().TypeMap()); len(problems) > 0 {
		return fmt.Errorf("%s: %s: write it like %q", what, strings.Join(problems, ", and "), ownUsers)
	}
	return nil
}

// mistakes lists what is wrong with a query for users.
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

// unreachable says so.
func unreachable(err error) error {
	return fmt.Errorf("the database cannot be reached: %w", err)
}

// isAway tells a database that cannot be reached, or that lets us in no more, from one that refuses a query.
func isAway(err error) bool {
	var connecting *pgconn.ConnectError
	return errors.As(err, &connecting) || sqlState(err) == ""
}

// isMissing says whether a query failed because there is no such table.
func isMissing(err error) bool { return sqlState(err) == "42P01" }

// sqlState returns PostgreSQL's code for what it refused, or "".
func sqlState(err error) string {
	var refused interface{ SQLState() string }
	if errors.As(err, &refused) {
		return refused.SQLState()
	}
	return ""
}
