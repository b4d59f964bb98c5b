package warden

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// run does what there is to do and waits for more.
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

// work looks users up until none is left or the directory fails, and returns when to go on, unless poked before.
func (w *Warden) work(ctx context.Context) (next time.Time) {
	for ctx.Err() == nil {
		now := w.options.Now()
		if now.Before(w.again) {
			return w.again
		}
		if w.resyncDue(now) {
			w.online = w.online[:0]
			w.options.Node.EachUserOnline(func(user uuid.UUID) bool {
				w.online = append(w.online, user)
				return true
			})
		}
		ids := w.take()
		if len(ids) == 0 {
			w.online = nil
			return w.nextResync()
		}
		if err := w.judge(ctx, ids); err != nil {
			w.putBack(ids)
			w.fail(now, err)
		} else {
			w.pause = 0
		}
	}
	return time.Time{}
}

// resyncDue says whether everybody online is to be looked up, and sets when they will be again.
func (w *Warden) resyncDue(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.resyncAt.IsZero() || now.Before(w.resyncAt) {
		return false
	}
	switch {
	case w.twice:
		w.resyncAt = now.Add(stragglers)
	case w.options.Resync > 0:
		w.resyncAt = now.Add(w.options.Resync)
	default:
		w.resyncAt = time.Time{}
	}
	w.twice = false
	return true
}

func (w *Warden) nextResync() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.resyncAt
}

// take returns whom to look up next: those who changed go before those who may have.
func (w *Warden) take() []uuid.UUID {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []uuid.UUID
	for id := range w.changed {
		if len(ids) == batch {
			break
		}
		ids = append(ids, id)
		delete(w.changed, id)
	}
	if len(ids) == 0 {
		n := min(batch, len(w.online))
		ids, w.online = w.online[len(w.online)-n:], w.online[:len(w.online)-n]
	}
	return ids
}

// putBack returns those who could not be looked up.
func (w *Warden) putBack(ids []uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		w.changed[id] = struct{}{}
	}
}

// judge looks users up and shuts out those who may not be here.
func (w *Warden) judge(ctx context.Context, ids []uuid.UUID) error {
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
		// An error means that reactors are behind. They have been told, and to wait here is only to tell them no more.
		_ = w.options.Node.Deactivate(ctx, inactive...)
	}
	return nil
}

// fail sets a pause, and logs the first failure of several in a row.
func (w *Warden) fail(now time.Time, err error) {
	if w.pause == 0 {
		w.options.Log.Warn("users who changed cannot be looked up; trying again until they can", "reason", err)
	}
	w.pause = min(max(2*w.pause, firstPause), lastPause)
	w.again = now.Add(w.pause - time.Duration(w.random.Int64N(int64(w.pause)/2)))
}
