// Package cache stands between a node and its directory. It remembers users for a while, and combines the lookups of
// many handshakes into few queries, so that a storm of handshakes is not a storm of queries. No call waits for the
// directory.
package cache

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// Errors that an Asker is given when the directory could not be asked.
var (
	ErrLate   = errors.New("the directory did not answer in time")
	ErrFull   = errors.New("too many lookups wait for the directory")
	ErrClosed = errors.New("the directory is closed")
)

// Options configure a cache. Source, Now and Log are required; for the others, zero means the default.
type Options struct {
	Source  directory.Source
	Now     func() time.Time
	Log     *slog.Logger
	Seed    uint64        // of the jitter of TTLs and backoff
	Size    int           // users remembered
	TTL     time.Duration // how long an active user is remembered as active
	Timeout time.Duration // of one query
	Queries int           // under way at once
}

// Cache remembers users and looks up those it does not know. It is safe for concurrent use.
type Cache struct {
	options Options
	memory  *memory
	started time.Time
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	wake    chan struct{}
	running sync.WaitGroup // run and the queries

	hits, misses atomic.Uint64

	mu        sync.Mutex // for all below; held for operations on maps and lists only
	random    *rand.Rand
	lookups   map[uuid.UUID]*lookup
	queue     *list.List // of lookups that no query is under way for, the oldest first
	deadlines deadlines
	epoch     uint64        // number of calls of ForgetAll
	queries   int           // under way
	window    time.Duration // how long the next batch may wait to grow
	lastQuery time.Time
	health    health
	counts    Stats
	closed    bool
}

// lookup is the lookup of one user, with all its waiters.
type lookup struct {
	id         uuid.UUID
	since      time.Time
	queued     *list.Element // nil while a query is under way
	waiters    []*waiter
	unanswered int // waiters without an answer
	epoch      uint64
	stale      bool // forgotten while the query was under way: its answer may be older than the change
}

// Stats counts events since the start, and the lookups that wait.
type Stats struct {
	Queries, IDs, Failures uint64 // queries, the users they asked for, and queries that failed
	Hits, Misses           uint64 // of Recall
	Late, Full             uint64 // lookups answered with ErrLate and ErrFull
	Waiting, Remembered    int
}

// New starts a cache. Close ends it.
func New(o Options) *Cache {
	o.Size = orElse(o.Size, DefaultSize)
	o.TTL = orElse(o.TTL, DefaultTTL)
	o.Timeout = orElse(o.Timeout, DefaultTimeout)
	o.Queries = orElse(o.Queries, DefaultQueries)
	c := &Cache{
		options: o,
		memory:  newMemory(o.Size),
		started: o.Now(),
		wake:    make(chan struct{}, 1),
		random:  rand.New(rand.NewPCG(o.Seed, 0)),
		lookups: make(map[uuid.UUID]*lookup),
		queue:   list.New(),
		window:  calmWindow,
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.running.Go(c.run)
	return c
}

func orElse[T int | time.Duration](value, standard T) T {
	if value == 0 {
		return standard
	}
	return value
}

// elapsed converts a time of the options' clock to a time since the start. Entries end by it and not by the time of
// day, so that none lives longer when the host's clock is set back.
func (c *Cache) elapsed(now time.Time) time.Duration { return now.Sub(c.started) }

// Recall returns a remembered user, or that there is no such user. fresh is false if neither is remembered.
func (c *Cache) Recall(id uuid.UUID) (u directory.User, fresh bool) {
	u, fresh = c.memory.recall(id, c.elapsed(c.options.Now()))
	if fresh {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
	return u, fresh
}

// Ask looks the user up and gives the Asker the answer, or an error at the time by if there is no answer until then.
// A remembered answer, or an error that is known at once, is given before Ask returns.
func (c *Cache) Ask(id uuid.UUID, by time.Time, to directory.Asker) {
	now := c.options.Now()
	if u, fresh := c.memory.recall(id, c.elapsed(now)); fresh {
		to.Answer(u, nil)
		return
	}
	if err := c.enqueue(id, now, &waiter{to: to, by: by}); err != nil {
		to.Answer(directory.User{ID: id}, err)
	}
}

// enqueue adds a waiter to the lookup of a user.
func (c *Cache) enqueue(id uuid.UUID, now time.Time, w *waiter) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case !w.by.After(now):
		c.counts.Late++
		return ErrLate
	case len(c.deadlines) >= maxWaiting:
		c.counts.Full++
		return ErrFull
	}
	l := c.lookups[id]
	if l == nil {
		l = &lookup{id: id, since: now}
		c.lookups[id] = l
		l.queued = c.queue.PushBack(l)
	}
	w.lookup = l
	l.waiters = append(l.waiters, w)
	l.unanswered++
	c.deadlines.add(w)
	if n := c.queue.Len(); c.deadlines[0] == w || n == 1 || n%MaxBatch == 0 {
		c.wakeRun()
	}
	return nil
}

// wakeRun makes run look for work.
func (c *Cache) wakeRun() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Forget drops a user from the cache. If a query for the user is under way, its waiters get the answer of a new
// query: the old one may have read the database before the change that caused the call.
func (c *Cache) Forget(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.lookups[id]; l != nil && l.queued == nil {
		l.stale = true
	}
	c.memory.forget(id)
}

// ForgetAll calls Forget for all users.
func (c *Cache) ForgetAll() {
	c.mu.Lock()
	c.epoch++
	c.mu.Unlock()
	c.memory.forgetAll()
}

// Stats returns the counters.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	s := c.counts
	s.Waiting = len(c.deadlines)
	c.mu.Unlock()
	s.Hits, s.Misses, s.Remembered = c.hits.Load(), c.misses.Load(), c.memory.size()
	return s
}

// Healthy returns the fault of the directory, or nil.
func (c *Cache) Healthy() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.health.failures == 0 {
		return nil
	}
	return fmt.Errorf("the directory has not answered since %s: %w", c.health.since.UTC().Format(time.RFC3339), c.health.last)
}

// Close ends the cache. Every Asker that still waits is given ErrClosed, and none is given anything after Close returns.
func (c *Cache) Close() {
	c.mu.Lock()
	c.closed = true
	left := c.deadlines
	c.deadlines = nil
	clear(c.lookups)
	c.queue.Init()
	c.mu.Unlock()
	c.cancel()
	answer(left, directory.User{}, ErrClosed)
	c.running.Wait()
}
