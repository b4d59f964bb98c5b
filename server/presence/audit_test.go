package presence

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"momentum/server/history"
)

// keepUncounted has a user's channel keep a message that the store has not counted.
func keepUncounted(u *User, s *shard) {
	for range 2 {
		s.directs = history.NewStore(history.Limits{Messages: 10, Bytes: 1000, Age: Grace}, 1000)
		s.directs.Next(&u.Directs)
		s.directs.Keep(&u.Directs, make([]byte, 100), uuid.Nil, 0)
	}
}

// TestAuditFindsEachFault damages a sound hub in each way that the audit is to find.
func TestAuditFindsEachFault(t *testing.T) {
	for what, damage := range map[string]func(n *node, u *User, s *shard){
		"are counted as":             func(n *node, _ *User, _ *shard) { n.hub.online.Add(1) },
		"is neither online nor away": func(_ *node, u *User, s *shard) { u.first = 0 },
		"entries:":                   func(_ *node, u *User, s *shard) { s.present.Remove(u) },
		"1 away, 0 who have left":    func(_ *node, _ *User, s *shard) { s.away.size++ },
		"0 away, 1 who have left":    func(_ *node, _ *User, s *shard) { s.left.size++ },
		"2 entries: 1 users online":  func(_ *node, u *User, s *shard) { s.users[uuid.UUID{99}] = u },
		"channels keep":              func(_ *node, u *User, s *shard) { keepUncounted(u, s) },
	} {
		n := newNode(t, Grace)
		c := n.join(1)
		if connections, err := n.hub.Audit(); connections != 1 || err != nil {
			t.Fatalf("a sound hub: %d connections, %v", connections, err)
		}
		damage(n, c.user, n.hub.shardOf(id(1)))
		if _, err := n.hub.Audit(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: the audit says %v", what, err)
		}
	}
}
