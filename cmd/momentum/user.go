package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"

	"momentum/server/directory"
	"momentum/server/directory/postgres"
)

// userRow is a user for programs.
type userRow struct {
	ID       uuid.UUID `json:"id"`
	Email    string    `json:"email"`
	Username string    `json:"username"`
	Standing string    `json:"standing"` // active or inactive
}

// printUser prints a user in a line.
func printUser(out io.Writer, u *directory.User, forPrograms bool) error {
	if forPrograms {
		return printLine(out, userRow{u.ID, u.Email, u.Username, u.Standing.String()})
	}
	_, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", u.ID, u.Email, u.Username, u.Standing)
	return err
}

type usersShowCmd struct {
	Database databaseSettings `embed:""`
	Who      string           `arg:"" name:"id-or-email" help:"The user's id or e-mail address."`
	JSON     bool             `name:"json" help:"Print a line of JSON."`
}

// Run prints the user.
func (cmd *usersShowCmd) Run(out io.Writer) error {
	return cmd.Database.one(out, cmd.Who, cmd.JSON, (*postgres.Database).Find)
}

type usersRemoveCmd struct {
	Database databaseSettings `embed:""`
	Who      string           `arg:"" name:"id-or-email" help:"The user's id or e-mail address."`
	JSON     bool             `name:"json" help:"Print the removed user as a line of JSON."`
}

// Run prints the user that it has removed.
func (cmd *usersRemoveCmd) Run(out io.Writer) error {
	return cmd.Database.one(out, cmd.Who, cmd.JSON, (*postgres.Database).Remove)
}

// one prints the user that a query returns.
func (s *databaseSettings) one(out io.Writer, who string, forPrograms bool, query func(*postgres.Database, context.Context, string) (directory.User, error)) error {
	return s.with(func(ctx context.Context, d *postgres.Database) error {
		u, err := query(d, ctx, who)
		if err != nil {
			return fmt.Errorf("%s: %w", who, err)
		}
		return printUser(out, &u, forPrograms)
	})
}

type usersDeactivateCmd struct {
	Database databaseSettings `embed:""`
	Who      string           `arg:"" name:"id-or-email" help:"The user's id or e-mail address."`
	JSON     bool             `name:"json" help:"Print a line of JSON."`
}

// Run prints the id and the standing.
func (cmd *usersDeactivateCmd) Run(out io.Writer) error {
	return cmd.Database.setActive(out, cmd.Who, false, cmd.JSON)
}

type usersActivateCmd struct {
	Database databaseSettings `embed:""`
	Who      string           `arg:"" name:"id-or-email" help:"The user's id or e-mail address."`
	JSON     bool             `name:"json" help:"Print a line of JSON."`
}

// Run prints the id and the standing.
func (cmd *usersActivateCmd) Run(out io.Writer) error {
	return cmd.Database.setActive(out, cmd.Who, true, cmd.JSON)
}

func (s *databaseSettings) setActive(out io.Writer, who string, active, forPrograms bool) error {
	return s.with(func(ctx context.Context, d *postgres.Database) error {
		id, err := d.SetActive(ctx, who, active)
		if err != nil {
			return fmt.Errorf("%s: %w", who, err)
		}
		standing := directory.Inactive
		if active {
			standing = directory.Active
		}
		if forPrograms {
			return printLine(out, struct {
				ID       uuid.UUID `json:"id"`
				Standing string    `json:"standing"`
			}{id, standing.String()})
		}
		_, err = fmt.Fprintf(out, "%s\t%s\n", id, standing)
		return err
	})
}
