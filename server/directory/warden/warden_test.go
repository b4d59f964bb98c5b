package warden

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// world is a directory, a memory and a node in one.
type world struct {
	mu          sync.Mutex
	active      map[uuid.UUID]bool
	online      []uuid.UUID
	deactivated []uuid.UUID
	forgotten   map[uuid.UUID]bool
	forgotAll   int
	queries     []time.Time
	largest     int
	err         error
}

func (w *world) Lookup(_ context.Context, ids []uuid.UUID) (users []directory.User, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queries = append(w.queries, time.Now())
	w.largest = max(w.largest, len(ids))
	for _, id := range ids {
		if active, known := w.active[id]; active {
			users = append(users, directory.User{ID: id, Standing: directory.Active})
		} else if known {
			users = append(users, directory.User{ID: id, Standing: directory.Inactive})
		}
	}
	return users, w.err
}

func (w *world) Forget(id uuid.UUID) { w.do(func() { w.forgotten[id] = true }) }
func (w *world) ForgetAll()          { w.do(func() { w.forgotAll++ }) }

func (w *world) EachUserOnline(yield func(uuid.UUID) bool) {
	w.mu.Lock()
	online := slices.Clone(w.online)
	w.mu.Unlock()
	for _, id := range online {
		if !yield(id) {
			return
		}
	}
}

func (w *world) Deactivate(_ context.Context, users ...uuid.UUID) error {
	w.do(func() { w.deactivated = append(w.deactivated, users...) })
	return nil
}

func (w *world) do(what func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what()
}

// expect lets time pass and compares which users have been deactivated since the last call.
func (w *world) expect(t *testing.T, within time.Duration, want ...uuid.UUID) {
	t.Helper()
	<-time.After(within)
	synctest.Wait()
	w.do(func() {
		seen := make(map[uuid.UUID]bool)
		for _, id := range w.deactivated {
			seen[id] = true
		}
		for _, id := range want {
			if !seen[id] {
				t.Errorf("%v was not deactivated", id)
			}
			delete(seen, id)
		}
		if len(seen) > 0 {
			t.Errorf("deactivated as well: %v", slices.Collect(maps.Keys(seen)))
		}
		w.deactivated = nil
	})
}

func id(n int) uuid.UUID { return uuid.UUID{0: 1, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)} }

func watch(t *testing.T, everySo time.Duration) (*world, *Warden) {
	t.Helper()
	w := &world{active: make(map[uuid.UUID]bool), forgotten: make(map[uuid.UUID]bool)}
	warden := New(Options{Source: w, Memory: w, Node: w, Now: time.Now, Log: slog.New(slog.DiscardHandler), Seed: 3, Resync: everySo})
	t.Cleanup(warden.Close)
	return w, warden
}

func TestChangedUsersAreForgottenAndReviewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, warden := watch(t, 0)
		w.active[id(1)], w.active[id(2)] = true, false
		for n := 1; n <= 3; n++ { // active, inactive, gone
			warden.Changed(id(n))
		}
		w.expect(t, time.Millisecond, id(2), id(3))
		if len(w.forgotten) != 3 || w.forgotAll != 0 {
			t.Errorf("forgotten: %v, all %d times", w.forgotten, w.forgotAll)
		}
	})
}

func TestTooManyChangesCauseAReviewOfAllUsersOnline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, warden := watch(t, 0)
		w.err = errors.New("away")
		w.online = []uuid.UUID{id(1 << 20)}
		for n := range maxChanged + 1 {
			warden.Changed(id(n))
		}
		w.do(func() { w.err = nil })
		<-time.After(time.Minute)
		synctest.Wait()
		if w.forgotAll == 0 || !slices.Contains(w.deactivated, id(1<<20)) {
			t.Errorf("forgot all %d times; who is online was not looked up", w.forgotAll)
		}
	})
}

func TestResyncHappensWithoutNotifications(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := watch(t, time.Minute)
		w.do(func() { w.online = []uuid.UUID{id(1)}; w.active[id(1)] = true })
		w.expect(t, time.Minute)
		w.do(func() { w.active[id(1)] = false })
		w.expect(t, time.Minute, id(1))
	})
}

// forgetful is a cache that lets all other calls happen before it forgets.
type forgetful struct {
	*world
	t *testing.T
}

func (f forgetful) Forget(user uuid.UUID) {
	synctest.Wait()
	f.do(func() {
		if len(f.queries) > 0 {
			f.t.Error("looked up before it was forgotten")
		}
	})
	f.world.Forget(user)
}

// TestChangedForgetsBeforeItLooksUp: a handshake that begins after the user was deactivated must not find the old answer.
func TestChangedForgetsBeforeItLooksUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{active: make(map[uuid.UUID]bool), forgotten: make(map[uuid.UUID]bool)}
		warden := New(Options{Source: w, Memory: forgetful{w, t}, Node: w, Now: time.Now, Log: slog.New(slog.DiscardHandler), Seed: 3})
		defer warden.Close()
		warden.Changed(id(1))
		w.expect(t, time.Millisecond, id(1))
	})
}
