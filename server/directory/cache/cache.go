// Package cache stands between a node and its directory. It remembers users for a while, and gathers what has to
// be asked into few questions, so that a storm of handshakes is no storm of queries. Nobody who calls it waits.
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

// What an Asker is told when the directory could not be asked.
var (
	ErrLate   = errors.New("the directory did not answer in time")
	ErrFull   = errors.New("too many wait for the directory")
	ErrClosed = errors.New("the directory is closed")
)

// Options say what to ask and how. Source, Now and Log are required; what is zero has the default of its name.
type Options struct {
	Source  directory.Source
	Now     func() time.Time
	Log     *slog.Logger
	Seed    uint64        // what TTLs and backoff are spread by
	Size    int           // users remembered
	TTL     time.Duration // how long an active user is taken to be so
	Timeout time.Duration // of one query
	Flights int           // queries under way at once
}

// Cache remembers users and asks for those it does not know. Any goroutine may call it.
type Cache struct {
	options Options
	memory  *memory
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	wake    chan struct{}
	running sync.WaitGroup // run and the flights

	hits, misses atomic.Uint64

	mu        sync.Mutex // for all below; held for operations on maps and lists only
	random    *rand.Rand
	inquiries map[uuid.UUID]*inquiry
	queue     *list.List // of inquiries that are not under way, the oldest in front
	deadlines deadlines
	epoch     uint64 // counts ForgetAll
	flights   int
	window    time.Duration // how long the next batch may wait for company
	departed  time.Time     // when the last one went
	health    health
	counts    Stats
	closed    bool
}

// inquiry is one user who is asked for, however many wait for the answer.
type inquiry struct {
	id      uuid.UUID
	since   time.Time
	place   *list.Element // in the queue; nil while it is under way
	waiters []*waiter
	live    int // waiters without an answer
	epoch   uint64
	again   bool // forgotten while it was under way: the answer may be old
}

// Stats counts what has happened since the start, and says how much waits.
type Stats struct {
	Queries, IDs, Failures uint64 // queries, the users they asked for, the queries that failed
	Hits, Misses           uint64 // of Recall
	Late, Full             uint64 // questions that got ErrLate and ErrFull
	Waiting, Remembered    int
}

// New starts a cache. Close ends it.
func New(o Options) *Cache {
	o.Size = orElse(o.Size, DefaultSize)
	o.TTL = orElse(o.TTL, DefaultTTL)
	o.Timeout = orElse(o.Timeout, DefaultTimeout)
	o.Flights = orElse(o.Flights, DefaultFlights)
	c := &Cache{
		options:   o,
		memory:    newMemory(o.Size, o.Now()),
		wake:      make(chan struct{}, 1),
		random:    rand.New(rand.NewPCG(o.Seed, 0)),
		inquiries: make(map[uuid.UUID]*inquiry),
		queue:     list.New(),
		window:    calmWindow,
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

// Recall returns what is known of a user from memory, Unknown among it. Unless fresh, nothing is.
func (c *Cache) Recall(id uuid.UUID) (u directory.User, fresh bool) {
	u, fresh = c.memory.recall(id, c.options.Now())
	if fresh {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
	return u, fresh
}

// Ask has the user looked up and the answer given to an Asker, with an error at the time by if there is none by
// then. What is in memory, and what cannot wait, is answered before Ask returns.
func (c *Cache) Ask(id uuid.UUID, by time.Time, to directory.Asker) {
	now := c.options.Now()
	if u, fresh := c.memory.recall(id, now); fresh {
		to.Answer(u, nil)
		return
	}
	if err := c.enter(id, now, &waiter{to: to, by: by}); err != nil {
		to.Answer(directory.User{ID: id}, err)
	}
}

// enter adds somebody who waits for a user.
func (c *Cache) enter(id uuid.UUID, now time.Time, w *waiter) error {
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
	q := c.inquiries[id]
	if q == nil {
		q = &inquiry{id: id, since: now}
		c.inquiries[id] = q
		q.place = c.queue.PushBack(q)
	}
	w.inquiry = q
	q.waiters = append(q.waiters, w)
	q.live++
	c.deadlines.add(w)
	if n := c.queue.Len(); c.deadlines[0] == w || n == 1 || n%MaxBatch == 0 {
		c.poke()
	}
	return nil
}

// poke has run look at what there is to do.
func (c *Cache) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Forget drops what is known of a user. Who waits for an answer that is under way gets a new one: the one under
// way may be older than what made somebody call Forget.
func (c *Cache) Forget(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q := c.inquiries[id]; q != nil && q.place == nil {
		q.again = true
	}
	c.memory.forget(id)
}

// ForgetAll does so for all users.
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

// Healthy returns what is wrong with the directory, or nil.
func (c *Cache) Healthy() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.health.failures == 0 {
		return nil
	}
	return fmt.Errorf("the directory has not answered since %s: %w", c.health.since.UTC().Format(time.RFC3339), c.health.last)
}

// Close ends the cache: whoever waits is told so, and nobody is answered behind its return.
func (c *Cache) Close() {
	c.mu.Lock()
	c.closed = true
	left := c.deadlines
	c.deadlines = nil
	clear(c.inquiries)
	c.queue.Init()
	c.mu.Unlock()
	c.cancel()
	answer(left, directory.User{}, ErrClosed)
	c.running.Wait()
}
