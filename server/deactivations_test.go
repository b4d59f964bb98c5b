package server

import (
	"fmt"
	"testing"
	"time"
)

func TestDeactivationsSinceAnEpoch(t *testing.T) {
	var d deactivations
	now := time.Unix(1_700_000_000, 0)
	check := func(when string, epoch uint64, name string, wantDeactivated, wantUnknown bool) {
		t.Helper()
		if deactivated, unknown := d.since(epoch, userID(name)); deactivated != wantDeactivated || unknown != wantUnknown {
			t.Errorf("%s: %s deactivated since %d: %v, unknown %v", when, name, epoch, deactivated, unknown)
		}
	}
	check("at first", 0, "alice", false, false)
	d.note(userID("alice"), now)
	d.note(userID("bob"), now)
	check("after both", 0, "alice", true, false)
	check("after both", 1, "alice", false, false)
	check("after both", 1, "bob", true, false)
	check("after both", 2, "bob", false, false)
	d.note(userID("alice"), now)
	check("alice again", 2, "alice", true, false)
}

// TestDeactivationsForgotten: entries that are older than a handshake can be are removed to make room. If there are
// none, all are forgotten, and earlier deactivations are unknown.
func TestDeactivationsForgotten(t *testing.T) {
	var d deactivations
	now := time.Unix(1_700_000_000, 0)
	fill := func(from string) {
		for i := range maxDeactivations {
			d.note(userID(fmt.Sprint(from, i)), now)
		}
	}
	fill("old")
	now = now.Add(HandshakeTimeout + 1)
	before := d.epoch.Load()
	d.note(userID("new"), now)
	if deactivated, unknown := d.since(before, userID("other")); deactivated || unknown || len(d.users) != 1 {
		t.Errorf("old ones made no room: %v, %v, %d remembered", deactivated, unknown, len(d.users))
	}
	fill("more")
	last := d.epoch.Load()
	if deactivated, unknown := d.since(before, userID("other")); deactivated || !unknown {
		t.Errorf("too many: deactivated %v, unknown %v", deactivated, unknown)
	}
	if deactivated, unknown := d.since(last-1, userID(fmt.Sprint("more", maxDeactivations-1))); !deactivated || unknown {
		t.Errorf("the last one: deactivated %v, unknown %v", deactivated, unknown)
	}
}
