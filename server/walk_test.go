package server

import (
	"fmt"
	"testing"
	"time"

	"momentum/internal/serial"
	"momentum/netpoll"
	"momentum/server/reason"
)

// TestNoTurnClosesEverybody ends all sessions in each way there is: no turn closes more than a bounded number of them.
func TestNoTurnClosesEverybody(t *testing.T) {
	const crowd, most = 1500, walkBudget/closeCost + 1
	for _, tt := range []struct {
		name  string
		begin func(*world)
	}{
		{"a lowered timeout", func(w *world) {
			rules := *w.server.rules.Load()
			rules.ConnectionTimeout = time.Second
			w.net.Stop(5 * time.Second)
			w.net.Settle()
			w.shards()[0].follow(&rules)
			w.server.startSweep(0)
		}},
		{"a revoked token", func(w *world) {
			sh := w.shards()[0]
			for s := range sh.sessions.live() {
				sh.tokens.drop(s)
				s.token.hash = 7
				sh.tokens.index.add(s.conn.Slot())
			}
			w.server.evict(target{token: 7, why: reason.ClosedRevoked})
		}},
		{"a drain after a stall", func(w *world) {
			w.server.StartDrain()
			w.net.Settle()
			w.net.Stop(w.options.DrainWindow)
		}},
		{"the end of a drain", func(w *world) { w.server.group.PostAll(netpoll.Post{Op: opCutOff}, nil) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			serial.Test(t)
			w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
			for i := range crowd {
				w.join(fmt.Sprint("user", i))
			}
			tt.begin(w)
			for before, steps := w.server.sessionsNow(), 0; before > 0; steps++ {
				if steps > 100*crowd {
					t.Fatalf("%d sessions remain", before)
				}
				if !w.net.Step() {
					w.net.Stop(netpoll.TickLength)
				}
				now := w.server.sessionsNow()
				if before-now > most {
					t.Fatalf("one turn closed %d sessions", before-now)
				}
				before = now
			}
		})
	}
}

// TestAuditLooksInSteps: the audit of a node takes several turns, and still finds the fault.
func TestAuditLooksInSteps(t *testing.T) {
	serial.Test(t)
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	for i := range 2 * walkBudget {
		w.join(fmt.Sprint("user", i))
	}
	a := w.server.startAudit()
	turns := 0
	for ; w.net.Step(); turns++ {
	}
	if turns < 4 {
		t.Errorf("%d sessions were looked at in %d turns", 2*walkBudget, turns)
	}
	if err := w.server.checkTotals(a); err != nil {
		t.Error(err)
	}
	w.shards()[0].alive--
	if w.audit() == nil {
		t.Error("a session that is not counted is not found")
	}
}
