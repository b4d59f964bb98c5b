package redistest

import (
	"strings"
	"testing"
)

func TestAReplicaHasACopyUntilItIsPromoted(t *testing.T) {
	for name, start := range map[string]func(testing.TB, ...string) *Server{"without TLS": Start, "with TLS": StartTLS} {
		t.Run(name, func(t *testing.T) {
			primary := start(t, "requirepass secret")
			primary.Do(t, "SET", "before", "a")
			replica := primary.Replica(t)
			primary.Do(t, "SET", "after", "b")
			if n := primary.Do(t, "WAIT", "1", "10000"); n != int64(1) {
				t.Errorf("%v replicas have the write", n)
			}
			if a, b := replica.Do(t, "GET", "before"), replica.Do(t, "GET", "after"); a != "a" || b != "b" {
				t.Error(a, b)
			}
			if _, err := replica.Try("SET", "own", "c"); err == nil || !strings.HasPrefix(err.Error(), "READONLY") {
				t.Error("a write to a replica:", err)
			}
			replica.Promote(t)
			replica.Do(t, "SET", "own", "c")
			if got := primary.Do(t, "GET", "own"); got != nil {
				t.Error("the old primary has a write of the new one:", got)
			}
			primary.Follow(t, replica)
			if got := primary.Do(t, "GET", "own"); got != "c" {
				t.Error("the old primary follows, and lacks a write:", got)
			}
		})
	}
}
