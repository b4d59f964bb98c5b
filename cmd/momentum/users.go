package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"momentum/server/auth"
	"momentum/server/directory"
	"momentum/server/directory/postgres"
)

// listPage is how many users are read from the database at once.
const listPage = 1000

// usersCmd manages the users that may connect.
type usersCmd struct {
	Show       usersShowCmd       `cmd:"" help:"Print a user: id, e-mail address, name and standing, with tabs between them."`
	Remove     usersRemoveCmd     `cmd:"" help:"Delete a user from the database, and close the user's connections."`
	Add        usersAddCmd        `cmd:"" help:"Add a user, and print the id."`
	List       usersListCmd       `cmd:"" help:"List users by id: id, e-mail address, name and standing, with tabs between them."`
	Deactivate usersDeactivateCmd `cmd:"" help:"Close a user's connections and refuse new ones."`
	Activate   usersActivateCmd   `cmd:"" help:"Let a user connect again."`
}

type usersAddCmd struct {
	Database databaseSettings `embed:""`
	Username string           `required:"" help:"The name other users see."`
	Email    string           `required:"" help:"The e-mail address. One user per address, in upper or lower case."`
	ID       *uuid.UUID       `name:"id" placeholder:"UUID" help:"The user's id, the sub of tokens. If unset, the id derived from the e-mail address, as websocket_client and momentum token derive it."`
	Inactive bool             `help:"The user may not connect yet."`
	JSON     bool             `name:"json" help:"Print the user as a line of JSON."`
}

// Run prints the id and nothing else, so that a script can take it as it is, or the user as JSON.
func (cmd *usersAddCmd) Run(out io.Writer) error {
	u := directory.User{ID: auth.UserID(strings.TrimSpace(cmd.Email)), Username: strings.TrimSpace(cmd.Username), Email: strings.TrimSpace(cmd.Email), Standing: directory.Active}
	if cmd.ID != nil {
		u.ID = *cmd.ID
	}
	if cmd.Inactive {
		u.Standing = directory.Inactive
	}
	if !line(u.Username, auth.MaxUsernameBytes) {
		return wrongSettings(fmt.Errorf("--username must be text of 1 to %d bytes, on one line", auth.MaxUsernameBytes))
	}
	if !line(u.Email, auth.MaxEmailBytes) || !strings.Contains(u.Email, "@") {
		return wrongSettings(fmt.Errorf("--email must be an address such as alice@example.com, of at most %d bytes", auth.MaxEmailBytes))
	}
	if u.ID == uuid.Nil {
		return wrongSettings(errZeroID("--id"))
	}
	return cmd.Database.with(func(ctx context.Context, d *postgres.Database) error {
		if err := d.Add(ctx, u); err != nil {
			return fmt.Errorf("%s <%s>, id %s: %w", u.Username, u.Email, u.ID, err)
		}
		if cmd.JSON {
			return printUser(out, &u, true)
		}
		_, err := fmt.Fprintln(out, u.ID)
		return err
	})
}

// line reports whether text is one line of 1 to most bytes.
func line(text string, most int) bool {
	return text != "" && len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

type usersListCmd struct {
	Database databaseSettings `embed:""`
	After    uuid.UUID        `placeholder:"UUID" help:"Begin after this id, such as the last one of the page before."`
	Limit    int              `default:"0" help:"How many users at most. 0: all."`
	JSON     bool             `name:"json" help:"Print each user as a line of JSON."`
}

// Run prints a line for each user.
func (cmd *usersListCmd) Run(out io.Writer) error {
	if cmd.Limit < 0 {
		return wrongSettings(fmt.Errorf("--limit is %d: write how many users to list at most, or 0 for all", cmd.Limit))
	}
	left, after := cmd.Limit, cmd.After
	return cmd.Database.with(func(ctx context.Context, d *postgres.Database) error {
		for {
			page := listPage
			if cmd.Limit > 0 {
				page = min(page, left)
			}
			users, err := d.List(ctx, after, page)
			if err != nil {
				return err
			}
			for _, u := range users {
				if err := printUser(out, &u, cmd.JSON); err != nil {
					return err
				}
			}
			left -= len(users)
			if len(users) < page || cmd.Limit > 0 && left == 0 {
				return nil
			}
			after = users[len(users)-1].ID
		}
	})
}
