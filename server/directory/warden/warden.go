// Package warden acts on changes of users: what was remembered of them is dropped, they are looked up, and those who
// may not be here any more are shut out. It goes on trying while the directory cannot be asked.
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
	// batch is how many users one query asks for, as in the cache.
	batch = 1000

	// mostChanged bounds the users who wait to be looked up. When more change at once, everybody online is looked up
	// instead.
	mostChanged = 1 << 16

	// stragglers is how long behind a look at everybody online a second one comes, for those whose handshake had its
	// answer already and who were not online yet. It is longer than a handshake waits for anything behind its answer.
	stragglers = 3 * time.Second

	// timeout bounds a query, and firstPause and lastPause what is waited behind one that failed, as in the cache.
	timeout    = 2 * time.Second
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
)

// Memory is what must not be relied on when something has changed.
type Memory interface {
	Forget(user uuid.UUID)
	ForgetAll()
}

// Node is where users are connected.
type Node interface {
	// EachUserOnline calls yield with everybody who is online, until it returns false.
	EachUserOnline(yield func(user uuid.UUID) bool)
	// Deactivate closes the connections of users who are no longer active, and waits for it.
	Deactivate(ctx context.Context, users ...uuid.UUID) error
}

// Options say what to watch. All but Resync are required.
type Options struct {
	Source directory.Source
	Memory Memory
	Node   Node
	Now    func() time.Time
	Log    *slog.Logger
	Seed   uint64
	Resync time.Duration // how often to look up everybody online though nothing was missed; 0: never
}

// Warden acts on changes. Any goroutine may tell it of them, and does not wait.
type Warden struct {
	options Options
	cancel  context.CancelFunc
	wake    chan struct{}
	done    chan struct{}

	mu       sync.Mutex
	changed  map[uuid.UUID]struct{}
	resyncAt time.Time // zero: no time has been set
	twice    bool      // behind that resync comes another

	// The goroutine's own.
	random *rand.Rand
	online []uuid.UUID // still to be looked up in a resync
	pause  time.Duration
	again  time.Time // not before
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
	w.poke()
	return w
}

// Changed has a user looked up, and shut out if need be.
func (w *Warden) Changed(user uuid.UUID) {
	w.options.Memory.Forget(user)
	w.mu.Lock()
	if len(w.changed) < mostChanged {
		w.changed[user] = struct{}{}
		w.mu.Unlock()
		w.poke()
		return
	}
	clear(w.changed)
	w.mu.Unlock()
	w.options.Log.Warn("too many users changed at once to look at each: everybody online is looked up", "most", mostChanged)
	w.Missed()
}

// Missed has everybody online looked up: changes may have gone unheard.
func (w *Warden) Missed() {
	w.options.Memory.ForgetAll()
	w.mu.Lock()
	w.resyncAt, w.twice = w.options.Now(), true
	w.mu.Unlock()
	w.poke()
}

// Close ends the warden. Nobody is shut out behind its return.
func (w *Warden) Close() {
	w.cancel()
	<-w.done
}

func (w *Warden) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
