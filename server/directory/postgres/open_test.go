package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
	"momentum/server/directory"
	"momentum/server/directory/cache"
	"momentum/server/directory/warden"
)

// patience bounds every wait. A test that exceeds it fails.
const patience = 20 * time.Second

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func open(t testing.TB, o Options) *Database {
	t.Helper()
	if o.PoolSize == 0 {
		o.PoolSize = 4
	}
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// migrated opens a database that has its tables.
func migrated(t testing.TB, url string) *Database {
	t.Helper()
	d := open(t, Options{URL: url})
	if _, err := d.Migrate(within(t)); err != nil {
		t.Fatal(err)
	}
	return d
}

// person is the id of the nth user that populate makes.
func person(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-4000-8000-%012x", n))
}

// populate adds users 0 to n-1. Every tenth is inactive.
func populate(t testing.TB, url string, n int) {
	t.Helper()
	postgrestest.Exec(t, url, `INSERT INTO users (id, username, email, active)
		SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user ' || n, n || '@example.com', n % 10 <> 0
		FROM generate_series(0, $1::int - 1) n`, n)
}

// crowd waits for answers.
type crowd struct {
	mu      sync.Mutex
	grown   *sync.Cond
	answers map[uuid.UUID]directory.User
	errs    []error
	total   int
}

func newCrowd() *crowd {
	c := &crowd{answers: make(map[uuid.UUID]directory.User)}
	c.grown = sync.NewCond(&c.mu)
	return c
}

func (c *crowd) Answer(u directory.User, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total++
	if err != nil {
		c.errs = append(c.errs, err)
	} else {
		c.answers[u.ID] = u
	}
	c.grown.Broadcast()
}

// wait waits for n answers in all.
func (c *crowd) wait(t testing.TB, n int) {
	t.Helper()
	give := time.AfterFunc(patience, c.grown.Broadcast)
	defer give.Stop()
	deadline := time.Now().Add(patience)
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.total < n {
		if time.Now().After(deadline) {
			t.Fatalf("%d answers of %d within %v", c.total, n, patience)
		}
		c.grown.Wait()
	}
}

// ask asks one question and waits for the answer.
func ask(t testing.TB, c *cache.Cache, id uuid.UUID, by time.Duration) (directory.User, error) {
	t.Helper()
	one := newCrowd()
	c.Ask(id, time.Now().Add(by), one)
	one.wait(t, 1)
	if len(one.errs) > 0 {
		return directory.User{}, one.errs[0]
	}
	return one.answers[id], nil
}

func cached(t testing.TB, d *Database) *cache.Cache {
	t.Helper()
	c := cache.New(cache.Options{Source: d, Now: time.Now, Log: quiet(), Seed: 1})
	t.Cleanup(c.Close)
	return c
}

// node is a node: the users online, and the calls it receives.
type node struct {
	online      []uuid.UUID
	warden      *warden.Warden
	deactivated chan uuid.UUID
	revoked     chan auth.Revocation
	missed      chan struct{}
}

func (n *node) EachUserOnline(yield func(uuid.UUID) bool) {
	for _, id := range n.online {
		if !yield(id) {
			return
		}
	}
}

func (n *node) Deactivate(_ context.Context, users ...uuid.UUID) error {
	for _, id := range users {
		n.deactivated <- id
	}
	return nil
}
func (n *node) Changed(id uuid.UUID)      { n.warden.Changed(id) }
func (n *node) Revoked(r auth.Revocation) { n.revoked <- r }

// Lifted has no end, so that a test tells it from a revocation.
func (n *node) Lifted(r auth.Revocation) { r.Until = -1; n.revoked <- r }
func (n *node) Missed(context.Context) error {
	n.warden.Missed()
	n.missed <- struct{}{}
	return nil
}

// watch connects database, cache, warden and listener as a server does, and returns when the listener listens.
func watch(t testing.TB, d *Database, online ...uuid.UUID) (*node, *cache.Cache, *Listener) {
	t.Helper()
	c := cached(t, d)
	n := &node{online: online, deactivated: make(chan uuid.UUID, 1000), revoked: make(chan auth.Revocation, 1000), missed: make(chan struct{}, 1000)}
	n.warden = warden.New(warden.Options{Source: d, Memory: c, Node: n, Now: time.Now, Log: quiet(), Seed: 1})
	t.Cleanup(n.warden.Close)
	l := d.Listen(n, time.Now, quiet(), 1)
	t.Cleanup(l.Close)
	receive(t, n.missed, patience)
	return n, c, l
}

// receive waits for one value.
func receive[T any](t testing.TB, from <-chan T, by time.Duration) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(by):
		t.Fatalf("nothing within %v", by)
	}
	return v
}

// eventually repeats a query until its condition holds.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
		<-time.After(10 * time.Millisecond)
	}
}
