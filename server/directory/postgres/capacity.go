package postgres

import (
	"context"
	"time"
)

// Capacity says how many connections the server of a database takes, and what its clock is.
type Capacity struct {
	Max      int // max_connections
	Reserved int // for superusers
	Used     int // by all databases of the server
	Clock    time.Time
	Version  string
}

// Capacity asks the server.
func (d *Database) Capacity(ctx context.Context) (c Capacity, err error) {
	err = d.pool.QueryRow(ctx, `SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int,
		(SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend'), clock_timestamp(), current_setting('server_version')`).
		Scan(&c.Max, &c.Reserved, &c.Used, &c.Clock, &c.Version)
	return c, known(err)
}
