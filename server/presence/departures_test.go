package presence

import (
	"testing"
	"time"

	"momentum/server/history"
)

// TestEntriesOutliveADeparture: a user that has left is known for as long as entries are kept, arrives anew when coming
// back, and keeps what the entry knew.
func TestEntriesOutliveADeparture(t *testing.T) {
	const keep = time.Minute
	n := newNode(t, keep)
	c := n.join(1)
	n.hub.Leave(c.user, c.handle, n.elapsed, 77)
	n.advance(keep - time.Second)
	n.want("user_left", len(n.heard()), 2)
	known := n.hub.With(id(1), func(u *User, _ *history.Store) { n.want("online", u.Online(), false) })
	n.want("known", known, true)
	u, creditFull, arrived := n.hub.Join(id(1), "again", 99, time.Time{}, ignore)
	n.want("entry", u == c.user, true)
	n.want("credit", creditFull, 77)
	n.want("arrived", arrived, true)
	n.advance(2 * keep)
	n.want("online users are not forgotten", n.entries(), 1)
	n.hub.Leave(u, 99, n.elapsed, 0)
	n.advance(keep - 100*time.Millisecond)
	n.want("entries before the time is over", n.entries(), 1)
	n.advance(100 * time.Millisecond)
	n.want("entries", n.entries(), 0)
	n.want("known", n.hub.With(id(1), ignore), false)
}

// TestEntriesAreKeptForTheGrace: a shorter time would have users arrive twice without a departure.
func TestEntriesAreKeptForTheGrace(t *testing.T) {
	n := newNode(t, 0)
	n.join(1).leave()
	n.advance(Grace - 100*time.Millisecond)
	n.want("entries", n.entries(), 1)
	n.advance(100 * time.Millisecond)
	n.want("entries", n.entries(), 0)
}

// TestQueueIsInTheOrderOfItsTimes: reactors read the clock at moments of their own, so a user may go at a time before
// that of the last one. The times stay in order, so the first is the first to be due.
func TestQueueIsInTheOrderOfItsTimes(t *testing.T) {
	var q queue
	a, b, c := &User{ID: id(1)}, &User{ID: id(2)}, &User{ID: id(3)}
	q.push(a, 3*time.Second)
	q.push(b, 2*time.Second)
	q.push(c, 4*time.Second)
	for _, want := range []struct {
		at time.Duration
		u  *User
	}{{2 * time.Second, nil}, {3 * time.Second, a}, {3 * time.Second, b}, {3 * time.Second, nil}, {4 * time.Second, c}, {time.Hour, nil}} {
		if got := q.pop(want.at); got != want.u {
			t.Errorf("at %v: %v, want %v", want.at, got, want.u)
		}
	}
	if b.leftAt != 3*time.Second || q.size != 0 {
		t.Errorf("left at %v; %d in the queue", b.leftAt, q.size)
	}
}
