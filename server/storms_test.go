package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/server/storm"
)

// TestAStormIsReportedAndLogged: one line at each change, and the time of the process is the cost.
func TestAStormIsReportedAndLogged(t *testing.T) {
	busy := time.Duration(0)
	w, log := newLoggedWorld(t, func(o *Options) {
		o.HeartbeatInterval, o.HandshakeRate = time.Hour, 1000
		o.Processor = func() time.Duration { busy += time.Millisecond; return busy }
	})
	w.net.Advance(2 * time.Second)
	if r := w.server.Stats().Storm; r.State != storm.Calm || r.Measured || r.Everybody != 0 {
		t.Errorf("%+v", r)
	}
	for i := range 150 {
		w.join(fmt.Sprint("user", i))
	}
	w.net.Advance(time.Second)
	r := w.server.Stats().Storm
	if r.State != storm.Storm || r.Arrivals != 150 || r.Admissions != 150 || r.Returning == nil || *r.Returning != 0 || r.Everybody != 0.15 {
		t.Errorf("%+v", r)
	}
	w.net.Advance(20 * time.Second)
	if r := w.server.Stats().Storm; r.State != storm.Calm {
		t.Errorf("%+v", r)
	}
	var states []string
	for line := range strings.Lines(log.String()) {
		if _, rest, found := strings.Cut(line, " to="); found {
			state, _, _ := strings.Cut(rest, " ")
			states = append(states, state)
		}
	}
	if got := strings.Join(states, " "); got != "storm recovering calm" || !strings.Contains(log.String(), "level=WARN") {
		t.Errorf("the log has %s:\n%s", got, log)
	}
}

// TestReturningClientsAreCounted: a client returns if its token was admitted before and there is a rate.
func TestReturningClientsAreCounted(t *testing.T) {
	for _, rate := range []int{0, 1000} {
		w := newWorld(t, 1, func(o *Options) { o.HandshakeRate = rate })
		token := w.token("alice")
		for range 4 {
			c := w.dial("alice")
			c.Send(upgradeRequest(token))
			w.net.Settle()
			c.HangUp()
			w.net.Settle()
		}
		w.net.Advance(time.Second)
		r := w.server.Stats().Storm
		if rate == 0 && r.Returning != nil || rate > 0 && (r.Returning == nil || *r.Returning != 0.75) {
			t.Errorf("at a rate of %d: %+v", rate, r)
		}
	}
}
