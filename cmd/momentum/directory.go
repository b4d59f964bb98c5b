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
	// mappedResync is how often everybody online is looked up when users are in a table of the operator's, which may
	// have no trigger that tells of changes; it is also how long such a user is remembered. A hundred thousand online
	// are a hundred queries, some two hundred milliseconds of one of the database's cores in half a minute.
	mappedResync = 30 * time.Second

	// pruneInterval is how often revocations that are past are deleted: they are not loaded, so it is only for space.
	pruneInterval = time.Hour
)

// directoryNode is what a server does for its directory.
type directoryNode interface {
	warden.Node
	Restore(all ...auth.Revocation) error
	Revoke(all ...auth.Revocation) (*server.Eviction, error)
}

// users are the directory of a node with a database: what is asked, what is remembered, and what hears of changes.
type users struct {
	database *postgres.Database
	cache    *cache.Cache
	warden   *warden.Warden     // from follow on, as the two below
	listener *postgres.Listener // hears changes and tells the warden and the node
	node     directoryNode

	log    *slog.Logger
	seed   uint64
	mapped bool

	pruning sync.WaitGroup
	ctx     context.Context // ends with close
	stop    context.CancelFunc
}

// openUsers opens the database and looks whether a server can work with it. Without DATABASE_URL it returns nil.
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

// restore puts every recorded revocation in force on the node. It must be called before anybody can connect.
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

// follow has changes acted on from now on, those behind restore among them. The node must be listening.
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

// Revoked implements postgres.Subscriber. This node's own revocations are in force already and close nothing more. The
// listener does not wait for connections to be closed: other notifications may be urgent, too.
func (u *users) Revoked(r auth.Revocation) { u.revoke(r) }

func (u *users) revoke(all ...auth.Revocation) {
	if _, err := u.node.Revoke(all...); err != nil {
		u.log.Error("a revocation is not in force on this node", "reason", err)
	}
}

// Missed implements postgres.Subscriber: it has everybody online looked up and puts all recorded revocations in force.
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

// prune deletes what is past now and then. Every node does, and it does no harm.
func (u *users) prune(ctx context.Context) {
	tick := time.NewTicker(pruneInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if _, err := u.database.Prune(ctx, now); err != nil {
				u.log.Warn("revocations that are past cannot be deleted", "reason", err)
			}
		}
	}
}

// healthy returns why users cannot be looked up or no notifications arrive, or nil.
func (u *users) healthy() error { return errors.Join(u.cache.Healthy(), u.listener.Healthy()) }

// ready is healthy in words for anybody who probes; the log has the others.
func (u *users) ready() error {
	if u.healthy() != nil {
		return errors.New("the database of users cannot be asked, or does not tell of changes")
	}
	return nil
}

// figures are what the cache has counted, for /metrics.
func (u *users) figures() metrics.Directory {
	s := u.cache.Stats()
	return metrics.Directory{Queries: s.Queries, Asked: s.IDs, Hits: s.Hits, Misses: s.Misses, Failures: s.Failures, Waiting: s.Waiting, Up: u.healthy() == nil}
}

// close ends it all, the listener first. Nobody is told anything behind its return.
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
