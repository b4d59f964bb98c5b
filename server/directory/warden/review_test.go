package warden

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

func TestMissedReviewsAllUsersOnlineInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, warden := watch(t, 0)
		const many = 3*maxBatch + 1
		for n := range many {
			w.online = append(w.online, id(n))
			w.active[id(n)] = n != 7
		}
		warden.Missed()
		w.expect(t, time.Millisecond, id(7))
		if w.forgotAll != 1 || len(w.queries) != 4 || w.largest > maxBatch {
			t.Errorf("forgot all %d times, asked %d times for %d at most", w.forgotAll, len(w.queries), w.largest)
		}
		w.do(func() { w.online = append(w.online[:7], id(many)) }) // the handshake of this user had its answer before the change
		w.expect(t, secondLook, id(many))
		before := len(w.queries)
		w.expect(t, time.Hour)
		if len(w.queries) != before {
			t.Errorf("%d queries with nothing to do", len(w.queries)-before)
		}
	})
}

// TestStuckReactorsDelayReviewsByATimeout: they delay the next users by one timeout at most, and do not delay Close.
func TestStuckReactorsDelayReviewsByATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{active: make(map[uuid.UUID]bool), forgotten: make(map[uuid.UUID]bool)}
		warden := New(Options{Source: w, Memory: w, Node: stuck{w}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Seed: 3})
		warden.Changed(id(1))
		w.expect(t, time.Millisecond, id(1))
		warden.Changed(id(2))
		w.expect(t, timeout+time.Millisecond, id(2))
		began := time.Now()
		warden.Close()
		if took := time.Since(began); took > 0 {
			t.Errorf("closing took %v", took)
		}
	})
}

func TestChangesOutlastAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, warden := watch(t, 0)
		w.err = errors.New("connection refused")
		warden.Changed(id(1))
		w.expect(t, time.Minute)
		if n := len(w.queries); n < 20 || n > 90 {
			t.Errorf("%d queries in a minute to a directory that is away", n)
		}
		for n := range 100 { // more changes cost no more time
			warden.Changed(id(n))
		}
		w.do(func() { w.err = nil; w.active[id(50)] = true })
		var want []uuid.UUID
		for n := range 100 {
			if n != 50 {
				want = append(want, id(n))
			}
		}
		w.expect(t, lastBackoff, want...)
	})
}

// stuck is a node with reactors that stand still.
type stuck struct{ *world }

func (s stuck) Deactivate(ctx context.Context, users ...uuid.UUID) error {
	_ = s.world.Deactivate(ctx, users...)
	<-ctx.Done()
	return ctx.Err()
}
