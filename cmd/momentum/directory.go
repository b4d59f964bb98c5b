package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/internal/config"
	"momentum/server"
	"momentum/server/auth"
	"momentum/server/directory/cache"
	"momentum/server/directory/postgres"
	"momentum/server/directory/warden"
	"momentum/server/metrics"
)

const (
	// mappedResync is how often all online users are looked up if users are in a table of the operator's, which may
	// have no trigger that reports changes. It is also how long such a user is cached. A hundred thousand online users
	// are a hundred queries: some two hundred milliseconds of one of the database's cores in half a minute.
	mappedResync = 30 * time.Second

	// pruneInterval is how often expired revocations are deleted. They are not loaded anyway; this only frees space.
	pruneInterval = time.Hour
)

// directoryNode is the part of a server that its directory uses.
type directoryNode interface {
	warden.Node
	Restore(all ...auth.Revocation) error
	Lift(one auth.Revocation) (until int64)
	Revoke(all ...auth.Revocation) (*server.Eviction, error)
}

// users is the directory of a node with a database: the queries, the cache, and the listener for changes.
type users struct {
	database *postgres.Database
	cache    *cache.Cache
	warden   *warden.Warden     // from follow on, as the two below
	listener *postgres.Listener // receives changes and passes them to the warden and the node
	node     directoryNode

	log    *slog.Logger
	seed   uint64
	mapped bool

	pruning sync.WaitGroup
	ctx     context.Context // ends with close
	stop    context.CancelFunc
}

// openUsers opens the database and checks that a server can work with it. Without DATABASE_URL it returns nil.
func openUsers(c *config.Config, seed uint64, log *slog.Logger) (*users, error) {
	if c.DatabaseURL == "" {
		log.Info("no DATABASE_URL: every valid token may connect")
		return nil, nil
	}
	d, err := postgres.Open(postgres.Options{URL: c.DatabaseURL, PoolSize: c.DBPoolSize, UsersQuery: c.UsersQuery})
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL (--database-url): %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	if err := d.Check(ctx); err != nil {
		d.Close()
		return nil, databaseFault(err)
	}
	for _, shortcoming := range d.Shortcomings(ctx) {
		log.Warn(shortcoming.Error())
	}
	u := &users{database: d, log: log, seed: seed, mapped: c.UsersQuery != ""}
	o := cache.Options{Source: d, Now: time.Now, Log: log, Seed: seed}
	if u.mapped {
		o.TTL = mappedResync
	}
	o.Queries = min(cache.DefaultQueries, c.DBPoolSize)
	u.cache = cache.New(o)
	return u, nil
}

// restore applies every recorded revocation to the node. It must be called before any client can connect.
func (u *users) restore(n directoryNode) error {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	all, err := u.database.Load(ctx, time.Now())
	if err == nil {
		if err = n.Restore(all...); err != nil {
			err = fmt.Errorf("%w; then delete the rows of the table revocations", err)
		}
	}
	if err != nil {
		return fmt.Errorf("the revocations in the database cannot be put in force: %w", err)
	}
	return nil
}

// follow applies changes from now on, including those since restore. The node must be listening.
func (u *users) follow(n directoryNode) {
	o := warden.Options{Source: u.database, Memory: u.cache, Node: n, Now: time.Now, Log: u.log, Seed: u.seed}
	if u.mapped {
		o.Resync = mappedResync
	}
	u.node, u.warden = n, warden.New(o)
	u.ctx, u.stop = context.WithCancel(context.Background())
	u.listener = u.database.Listen(u, time.Now, u.log, u.seed)
	u.pruning.Go(func() { u.prune(u.ctx) })
}

// Changed implements postgres.Subscriber.
func (u *users) Changed(user uuid.UUID) { u.warden.Changed(user) }

// Revoked implements postgres.Subscriber. A revocation by this node is in force already and closes nothing more. The
// listener does not wait for connections to be closed: other notifications may be urgent, too.
func (u *users) Revoked(r auth.Revocation) { u.revoke(r) }

// Lifted implements postgres.Subscriber.
func (u *users) Lifted(r auth.Revocation) { u.node.Lift(r) }

func (u *users) revoke(all ...auth.Revocation) {
	if _, err := u.node.Revoke(all...); err != nil {
		u.log.Error("a revocation is not in force on this node", "reason", err)
	}
}

// Missed implements postgres.Subscriber: it has all online users looked up and applies all recorded revocations.
func (u *users) Missed(ctx context.Context) error {
	u.warden.Missed()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	all, err := u.database.Load(ctx, time.Now())
	if err == nil {
		u.revoke(all...)
	}
	return err
}

// prune deletes expired revocations at intervals. Every node does so, which does no harm.
func (u *users) prune(ctx context.Context) {
	tick := time.NewTicker(pruneInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if _, err := u.database.Prune(ctx, now); err != nil {
				u.log.Warn("expired revocations cannot be deleted", "reason", err)
			}
		}
	}
}

// healthy returns why users cannot be looked up or no notifications arrive, or nil.
func (u *users) healthy() error { return errors.Join(u.cache.Healthy(), u.listener.Healthy()) }

// ready is healthy, with an error text for probes; the log has the details.
func (u *users) ready() error {
	if u.healthy() != nil {
		return errors.New("the database does not answer, or sends no notifications of changes")
	}
	return nil
}

// figures returns the counters of the cache, for /metrics.
func (u *users) figures() metrics.Directory {
	s := u.cache.Stats()
	return metrics.Directory{Queries: s.Queries, Asked: s.IDs, Hits: s.Hits, Misses: s.Misses, Failures: s.Failures, Waiting: s.Waiting, Up: u.healthy() == nil}
}

// close stops everything, the listener first. After it returns, no change is passed on.
func (u *users) close() {
	if u.listener != nil {
		u.stop()
		u.pruning.Wait()
		u.listener.Close()
		u.warden.Close()
	}
	u.cache.Close()
	u.database.Close()
}
