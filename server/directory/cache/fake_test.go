package cache

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// fakeSource answers after a delay with the users in its map, and counts.
type fakeSource struct {
	mu      sync.Mutex
	users   map[uuid.UUID]directory.User
	delay   time.Duration
	err     error
	batches []int // how many ids each query had
	flying  int
	most    int // flights at once
	when    []time.Time
}

func (f *fakeSource) Lookup(ctx context.Context, ids []uuid.UUID) ([]directory.User, error) {
	f.mu.Lock()
	f.batches = append(f.batches, len(ids))
	f.when = append(f.when, time.Now())
	f.flying++
	f.most = max(f.most, f.flying)
	delay, err := f.delay, f.err
	var found []directory.User
	for _, id := range ids { // from the start of the query, like a database's snapshot
		if u, ok := f.users[id]; ok {
			found = append(found, u)
		}
	}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.flying--
		f.mu.Unlock()
	}()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return found, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *fakeSource) set(change func(*fakeSource)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fakeSource) queries() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.batches)
}

// listener notes the answers and their times.
type listener struct {
	mu    sync.Mutex
	users []directory.User
	errs  []error
	at    []time.Time
}

func (l *listener) Answer(u directory.User, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.users, l.errs, l.at = append(l.users, u), append(l.errs, err), append(l.at, time.Now())
}

// one returns the only answer, or fails the test.
func (l *listener) one(t *testing.T) (directory.User, error) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.users) != 1 {
		t.Fatalf("%d answers, want 1", len(l.users))
	}
	return l.users[0], l.errs[0]
}

func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.users)
}

func person(n int) directory.User {
	id := uuid.UUID{6: 0x40, 8: 0x80, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
	return directory.User{ID: id, Username: "somebody", Email: "somebody@example.com", Standing: directory.Active}
}

func people(n int) *fakeSource {
	f := &fakeSource{users: make(map[uuid.UUID]directory.User), delay: 3 * time.Millisecond}
	for i := range n {
		f.users[person(i).ID] = person(i)
	}
	return f
}

// open starts a cache over a source; the test closes it with its end.
func open(t *testing.T, f *fakeSource, change ...func(*Options)) *Cache {
	t.Helper()
	o := Options{Source: f, Now: time.Now, Log: slog.New(slog.DiscardHandler), Seed: 7}
	for _, c := range change {
		c(&o)
	}
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

// soon is a distant deadline, for lookups that only wait for a query.
func soon() time.Time { return time.Now().Add(4 * time.Second) }

// pass lets time go by in a bubble of synctest, with all that is due in it.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
