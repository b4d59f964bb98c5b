package main

import (
	"context"
	"errors"
	"time"

	"momentum/internal/config"
	"momentum/server/directory/postgres"
)

const (
	// askTimeout limits the database queries before serving, and those of an operator's command.
	askTimeout = 10 * time.Second

	// migrateTimeout limits a migration, which may have to rewrite a large table.
	migrateTimeout = 10 * time.Minute
)

// databaseSettings are the settings that an operator's commands need, by their names in config.Config.
type databaseSettings struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" secret:"yes" placeholder:"URL" help:"The database, such as postgresql://momentum:PASSWORD@db.example:5432/momentum. Prefer the variable: other users of the host can read flags."`
	UsersQuery  string `name:"users-query" env:"USERS_QUERY" placeholder:"SELECT" help:"How users are looked up in a table of your own, if they are."`
}

// open opens the database for a single operation. The command waits for its end.
func (s *databaseSettings) open() (*postgres.Database, error) {
	if s.DatabaseURL == "" {
		return nil, wrongSettings(errors.New("DATABASE_URL (--database-url) is not set, nor DATABASE_URL_FILE: say which database, as in " +
			"postgresql://USER:PASSWORD@HOST:5432/DATABASE. Without one there are no users to manage: every valid token may connect"))
	}
	c := config.Config{DatabaseURL: s.DatabaseURL, UsersQuery: s.UsersQuery}
	if err := c.ValidateDatabase(); err != nil {
		return nil, wrongSettings(err)
	}
	return postgres.Open(postgres.Options{URL: s.DatabaseURL, UsersQuery: s.UsersQuery, PoolSize: 1})
}

// databaseFault marks errors that no later attempt can fix.
func databaseFault(err error) error {
	if postgres.Permanent(err) {
		return wrongSettings(err)
	}
	return err
}

// with opens the database for one operation.
func (s *databaseSettings) with(do func(context.Context, *postgres.Database) error) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	defer d.Close()
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	return do(ctx, d)
}
