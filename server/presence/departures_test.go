package presence

import (
	"testing"
	"time"
)

// TestEntriesOutliveADeparture: a user who has left is known for as long as entries are kept, arrives anew when coming
// back, and keeps what the entry knew.
func TestEntriesOutliveADeparture(t *testing.T) {
	const keep = time.Minute
	n := newNode(t, keep)
	c := n.join(1)
	n.hub.Leave(c.user, c.handle, n.elapsed, 77)
	n.advance(keep - time.Second)
	n.want("user_left", len(n.heard()), 2)
	known := n.hub.With(id(1), func(u *User) { n.want("online", u.Online(), false) })
	n.want("known", known, true)
	u, creditFull, arrived := n.hub.Join(id(1), "again", 99, time.Time{})
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
	n.want("known", n.hub.With(id(1), func(*User) {}), false)
}
