package main

import (
	"errors"
	"time"

	"momentum/internal/config"
	"momentum/server/directory/postgres"
)

const (
	// askTimeout bounds what is asked of the database before serving, and by an operator's command.
	askTimeout = 10 * time.Second

	// migrateTimeout bounds a migration, which may have a large table to go through.
	migrateTimeout = 10 * time.Minute
)

// databaseSettings are what an operator's commands need to know, by the names that config.Config has for them.
type databaseSettings struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" secret:"yes" placeholder:"URL" help:"The database, such as postgresql://momentum:PASSWORD@db.example:5432/momentum. Prefer the variable: other users of the host can read flags."`
	UsersQuery  string `name:"users-query" env:"USERS_QUERY" placeholder:"SELECT" help:"How users are looked up in a table of your own, if they are."`
}

// open opens the database for a single operation, of which the command waits for the end.
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

// databaseFault marks what no later attempt mends.
func databaseFault(err error) error {
	if postgres.Permanent(err) {
		return wrongSettings(err)
	}
	return err
}
