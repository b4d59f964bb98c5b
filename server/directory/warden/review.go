package warden

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// run works on the changes and waits for more.
func (w *Warden) run(ctx context.Context) {
	defer close(w.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-timer.C:
		}
		if next := w.work(ctx); !next.IsZero() {
			timer.Reset(next.Sub(w.options.Now()))
		} else {
			timer.Stop()
		}
	}
}

// work reviews users until none is left or the directory fails, and returns when to go on, unless run is woken before.
func (w *Warden) work(ctx context.Context) (next time.Time) {
	for ctx.Err() == nil {
		now := w.options.Now()
		if now.Before(w.notBefore) {
			return w.notBefore
		}
		if w.resyncDue(now) {
			w.online = w.online[:0]
			w.options.Node.EachUserOnline(func(user uuid.UUID) bool {
				w.online = append(w.online, user)
				return true
			})
		}
		ids := w.nextBatch()
		if len(ids) == 0 {
			w.online = nil
			return w.nextResync()
		}
		if err := w.review(ctx, ids); err != nil {
			w.putBack(ids)
			w.failed(now, err)
		} else {
			w.backoff = 0
		}
	}
	return time.Time{}
}

// resyncDue reports whether all users online are to be looked up now, and plans the next time.
func (w *Warden) resyncDue(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.resyncAt.IsZero() || now.Before(w.resyncAt) {
		return false
	}
	switch {
	case w.repeat:
		w.resyncAt = now.Add(secondLook)
	case w.options.Resync > 0:
		w.resyncAt = now.Add(w.options.Resync)
	default:
		w.resyncAt = time.Time{}
	}
	w.repeat = false
	return true
}

func (w *Warden) nextResync() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.resyncAt
}

// nextBatch takes the users to review next: first the users that are known to have changed, then the users that may
// have changed.
func (w *Warden) nextBatch() []uuid.UUID {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []uuid.UUID
	for id := range w.changed {
		if len(ids) == maxBatch {
			break
		}
		ids = append(ids, id)
		delete(w.changed, id)
	}
	if len(ids) == 0 {
		n := min(maxBatch, len(w.online))
		ids, w.online = w.online[len(w.online)-n:], w.online[:len(w.online)-n]
	}
	return ids
}

// putBack returns users that could not be looked up.
func (w *Warden) putBack(ids []uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		w.changed[id] = struct{}{}
	}
}

// review looks users up and deactivates those that may not be connected.
func (w *Warden) review(ctx context.Context, ids []uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	users, err := w.options.Source.Lookup(ctx, ids)
	if err != nil {
		return err
	}
	active := make(map[uuid.UUID]bool, len(users))
	for _, u := range users {
		active[u.ID] = u.Standing == directory.Active
	}
	inactive := slices.DeleteFunc(slices.Clone(ids), func(id uuid.UUID) bool { return active[id] })
	if len(inactive) > 0 {
		// After an error, some reactors have not closed these connections yet, but will. No more users are deactivated
		// until then.
		_ = w.options.Node.Deactivate(ctx, inactive...)
	}
	return nil
}

// failed sets the pause before the next query, and logs the first failure of several in a row.
func (w *Warden) failed(now time.Time, err error) {
	if w.backoff == 0 {
		w.options.Log.Warn("changed users cannot be looked up; trying again until they can", "reason", err)
	}
	w.backoff = min(max(2*w.backoff, firstBackoff), lastBackoff)
	w.notBefore = now.Add(w.backoff - time.Duration(w.random.Int64N(int64(w.backoff)/2)))
}
