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
	for _, step := range steps {
		fmt.Fprintln(out, done, step)
	}
	if len(steps) == 0 {
		fmt.Fprintln(out, "the tables are up to date")
	}
	return nil
}
