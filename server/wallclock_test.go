package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
)

// TestWallWatch gives the watch the time that has passed by each clock.
func TestWallWatch(t *testing.T) {
	var w wallWatch
	for i, step := range []struct{ monotonic, wall, jump time.Duration }{
		{time.Minute, time.Minute, 0},
		{2 * time.Minute, 2*time.Minute + wallJump/2, 0},
		{3 * time.Minute, 3*time.Minute + wallJump, wallJump}, // in two steps that are too small
		{4 * time.Minute, 4*time.Minute + wallJump, 0},
		{5 * time.Minute, 5*time.Minute - time.Hour, 0}, // set back
		{6 * time.Minute, 6*time.Minute - time.Hour, 0},
		{7 * time.Minute, 7*time.Minute - time.Hour/2, time.Hour / 2},
	} {
		if jump := w.look(step.monotonic, step.wall); jump != step.jump {
			t.Errorf("step %d: jumped by %v, want %v", i, jump, step.jump)
		}
	}
}

// TestSessionsDoNotOutliveTheirTokensOnASuspendedHost suspends the host for two hours, during which the monotonic clock
// stands still.
func TestSessionsDoNotOutliveTheirTokensOnASuspendedHost(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.HeartbeatInterval, o.ConnectionTimeout = time.Hour, 24*time.Hour })
	short, long := w.dial("short"), w.dial("long")
	short.Send(upgradeRequest(w.tokenWith("short", "1h")))
	long.Send(upgradeRequest(w.tokenWith("long", "2h10m")))
	w.net.Settle()
	w.net.SetWall(2 * time.Hour)
	w.net.Advance(2 * netpoll.TickLength)
	if received := fmt.Sprint(short.received()); !strings.Contains(received, "close 4001") {
		t.Errorf("its token expired an hour ago: %q", received)
	}
	w.net.Advance(9*time.Minute + 29*time.Second)
	if received := fmt.Sprint(long.received()); strings.Contains(received, "token_expiring") {
		t.Errorf("its token has more than a minute left: %q", received)
	}
	w.net.Advance(time.Second)
	if received := fmt.Sprint(long.received()); !strings.Contains(received, `"token_expiring","data":{"expires_at":"2024-01-01T02:10:30Z"`) {
		t.Errorf("its token has a minute left: %q", received)
	}
	w.net.Advance(59 * time.Second)
	if w.server.sessionsNow() != 1 {
		t.Error("closed before its token has expired")
	}
	w.net.Advance(time.Second)
	if received := fmt.Sprint(long.received()); !strings.Contains(received, "close 4001") {
		t.Errorf("its token has expired: %q", received)
	}
}

// TestARefreshAfterASuspensionCounts: the new token is measured from now on, not from before the suspension.
func TestARefreshAfterASuspensionCounts(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.HeartbeatInterval = 1, time.Hour })
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "3h")))
	w.net.Settle()
	w.net.SetWall(2 * time.Hour)
	now := w.net.Now()
	token := w.tokenWith("alice", "1m")
	alice.text(refreshMessage(token))
	w.net.Advance(89 * time.Second)
	if received := fmt.Sprint(alice.received()); !strings.Contains(received, `"refreshed"`) || w.server.sessionsNow() != 1 {
		t.Errorf("received %q", received)
	}
	w.net.Advance(2 * time.Second)
	if w.server.sessionsNow() != 0 {
		t.Errorf("live %v after the refresh", w.net.Now().Sub(now))
	}
}

// TestAWallClockThatIsSetBackProlongsNoToken: the session ends with its token by the monotonic clock.
func TestAWallClockThatIsSetBackProlongsNoToken(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1h")))
	w.net.Settle()
	w.net.SetWall(-2 * time.Hour)
	for range 120 {
		w.net.Advance(30 * time.Second)
		alice.Send(frame(10, nil))
	}
	if w.server.sessionsNow() != 1 {
		t.Error("closed before its token has expired")
	}
	w.net.Advance(30 * time.Second)
	if w.server.sessionsNow() != 0 {
		t.Error("live after its token has expired")
	}
}

// TestTheWallClockIsWatchedFromWhereItWasSet: a clock that is set back and then runs ahead by less is still noticed.
func TestTheWallClockIsWatchedFromWhereItWasSet(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.HeartbeatInterval = 1, time.Hour })
	w.net.SetWall(time.Hour)
	w.net.SetWall(-time.Hour)
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "10m")))
	w.net.SetWall(30 * time.Minute)
	w.net.Advance(2 * netpoll.TickLength)
	if w.server.sessionsNow() != 0 {
		t.Error("live after its token has expired")
	}
}

// TestTokensAreReviewedInSteps has more sessions than one turn looks at.
func TestTokensAreReviewedInSteps(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.HeartbeatInterval = 1, time.Hour })
	for range 3 * walkBudget {
		w.net.Dial()
	}
	last := w.dial("last")
	last.Send(upgradeRequest(w.tokenWith("last", "1m")))
	w.net.Settle()
	w.net.SetWall(time.Hour)
	turns := 0
	for w.net.Step() {
		turns++
	}
	if turns < 4 {
		t.Errorf("reviewed in %d turns", turns)
	}
	w.net.Advance(2 * netpoll.TickLength)
	if w.server.sessionsNow() != 0 {
		t.Error("the last one was not reviewed")
	}
}
