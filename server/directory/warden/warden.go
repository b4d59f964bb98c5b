// Package warden acts on changes of users: it drops them from the cache, looks them up, and deactivates those that
// may no longer be connected. It retries while the directory does not answer.
package warden

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

const (
	// maxBatch is how many users one query asks for, as in the cache.
	maxBatch = 1000

	// maxChanged bounds the users that wait to be looked up. If more change at once, all users online are looked up
	// instead.
	maxChanged = 1 << 16

	// secondLook is the time between two lookups of all users online. The second is for users that had the answer of
	// the directory during the first, but were not online yet. A handshake takes less time after that answer.
	secondLook = 3 * time.Second

	// timeout bounds a query and the work on its answer; firstBackoff and lastBackoff are the pauses after failed
	// queries. All are as in the cache.
	timeout      = 2 * time.Second
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// Memory remembers users, and must forget those that may have changed.
type Memory interface {
	Forget(user uuid.UUID)
	ForgetAll()
}

// Node is where users are connected.
type Node interface {
	// EachUserOnline calls yield with each user online, until yield returns false.
	EachUserOnline(yield func(user uuid.UUID) bool)
	// Deactivate closes the connections of users that are no longer active, and waits for it.
	Deactivate(ctx context.Context, users ...uuid.UUID) error
}

// Options configure a warden. All but Resync are required.
type Options struct {
	Source directory.Source
	Memory Memory
	Node   Node
	Now    func() time.Time
	Log    *slog.Logger
	Seed   uint64
	Resync time.Duration // how often all users online are looked up although no change was missed; 0: never
}

// Warden acts on changes. It is safe for concurrent use, and no call but Close waits.
type Warden struct {
	options Options
	cancel  context.CancelFunc
	wake    chan struct{}
	done    chan struct{}

	mu       sync.Mutex
	changed  map[uuid.UUID]struct{}
	resyncAt time.Time // when all users online are looked up; zero: not planned
	repeat   bool      // a second look follows that one

	// The goroutine's own.
	random    *rand.Rand
	online    []uuid.UUID // still to be looked up in a resync
	backoff   time.Duration
	notBefore time.Time // of the next query
}

// New starts a warden. Close ends it.
func New(o Options) *Warden {
	ctx, cancel := context.WithCancel(context.Background())
	w := &Warden{
		options: o,
		cancel:  cancel,
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		changed: make(map[uuid.UUID]struct{}),
		random:  rand.New(rand.NewPCG(o.Seed, 2)),
	}
	if o.Resync > 0 {
		w.resyncAt = o.Now().Add(o.Resync)
	}
	go w.run(ctx)
	w.wakeRun()
	return w
}

// Changed has a user looked up, and deactivated unless the user is active.
func (w *Warden) Changed(user uuid.UUID) {
	w.options.Memory.Forget(user)
	w.mu.Lock()
	if len(w.changed) < maxChanged {
		w.changed[user] = struct{}{}
		w.mu.Unlock()
		w.wakeRun()
		return
	}
	clear(w.changed)
	w.mu.Unlock()
	w.options.Log.Warn("too many users changed at once to look up each one: all users online are looked up", "most", maxChanged)
	w.Missed()
}

// Missed makes the warden look up all users online, because changes may have been missed.
func (w *Warden) Missed() {
	w.options.Memory.ForgetAll()
	w.mu.Lock()
	w.resyncAt, w.repeat = w.options.Now(), true
	w.mu.Unlock()
	w.wakeRun()
}

// Close ends the warden. No user is deactivated after Close returns.
func (w *Warden) Close() {
	w.cancel()
	<-w.done
}

func (w *Warden) wakeRun() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
