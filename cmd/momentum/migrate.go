package main

import (
	"context"
	"fmt"
	"io"
)

// migrateCmd creates the tables in the database.
type migrateCmd struct {
	Database databaseSettings `embed:""`
	DryRun   bool             `name:"dry-run" help:"Print the steps, and do nothing."`
	JSON     bool             `name:"json" help:"Print a JSON object, for programs."`
}

// Run prints each step that it took, or would take.
func (cmd *migrateCmd) Run(out io.Writer) error {
	d, err := cmd.Database.open()
	if err != nil {
		return err
	}
	defer d.Close()
	ctx, cancel := context.WithTimeout(context.Background(), migrateTimeout)
	defer cancel()
	run, done := d.Migrate, "applied"
	if cmd.DryRun {
		run, done = d.Pending, "would apply"
	}
	steps, err := run(ctx)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return printJSON(out, struct {
			Applied bool     `json:"applied"` // false: it was a dry run
			Steps   []string `json:"steps"`
		}{!cmd.DryRun, append([]string{}, steps...)})
	}
	for _, step := range steps {
		fmt.Fprintln(out, done, step)
	}
	if len(steps) == 0 {
		fmt.Fprintln(out, "the tables are up to date")
	}
	return nil
}
