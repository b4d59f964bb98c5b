package server

import (
	"fmt"
	"strings"
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
		{"a lowered timeout", lowerTimeout},
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
		{"the end of a drain", cutOff},
	} {
		t.Run(tt.name, func(t *testing.T) {
			serial.Test(t)
			w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
			for i := range crowd {
				w.join(fmt.Sprint("user", i))
			}
			tt.begin(w)
			w.endInSteps(w.server.sessionsNow, most)
		})
	}
}

// lowerTimeout makes the node close all sessions of its only reactor, because they were silent for longer than a new limit.
func lowerTimeout(w *world) {
	rules := *w.server.rules.Load()
	rules.ConnectionTimeout = time.Second
	w.net.Stop(5 * time.Second)
	w.net.Settle()
	w.shards()[0].follow(&rules)
	w.server.startSweep(0)
}

// cutOff makes the node close all sockets.
func cutOff(w *world) { w.server.group.PostAll(netpoll.Post{Op: opCutOff}, nil) }

// endInSteps lets the node read and turn until nothing is left of what is counted. It fails if one read or turn ends more than most.
func (w *world) endInSteps(left func() int, most int) {
	w.t.Helper()
	before := left()
	if before == 0 {
		w.t.Fatal("nothing is left at the beginning")
	}
	for steps := 0; before > 0; steps++ {
		if steps > 1000*len(w.clients) {
			w.t.Fatalf("%d remain", before)
		}
		if !w.net.Step() {
			w.net.Stop(netpoll.TickLength)
		}
		now := left()
		if before-now > most {
			w.t.Fatalf("one step ended %d, and may end %d", before-now, most)
		}
		before = now
	}
}

const topicsOfEach = 10 // of a member in a storm

// storms are the ways in which the subscriptions of many members end at the same time, with how many may end in a read or in a turn.
var storms = []struct {
	name  string
	most  int
	begin func(*world)
}{
	{"connections that end", topicsOfEach, func(w *world) {
		for _, c := range w.clients {
			c.HalfClose()
		}
	}},
	{"messages that unsubscribe", topicsOfEach, func(w *world) {
		for i, c := range w.clients {
			c.Transmit(frame(1, topicsMessage("unsubscribe", i)))
		}
	}},
	{"clients that have vanished", topicsOfEach * (1 + netpoll.DeadlineBudget/((closeCost+topicsOfEach*looksPerTopic)/closeCost)), func(w *world) {
		w.net.Stop(w.options.HeartbeatInterval)
		w.net.Settle() // all pings are sent
		w.net.Stop(w.options.HeartbeatTimeout)
	}},
	{"clients that do not read", topicsOfEach * (1 + netpoll.SlowBudget/(1+topicsOfEach*looksPerTopic/closeCost)), func(w *world) {
		for s := range w.shards()[0].sessions.live() {
			s.conn.Overflow()
		}
		w.server.group.Tick()
	}},
	{"a lowered timeout", topicsOfEach * (1 + walkBudget/(closeCost+topicsOfEach*looksPerTopic)), lowerTimeout},
	{"the end of a drain", topicsOfEach * (1 + walkBudget/(closeCost+topicsOfEach*looksPerTopic)), cutOff},
}

// topicsMessage is a message of a member of a storm about its topics, of a thousand.
func topicsMessage(kind string, member int) []byte {
	names := make([]string, topicsOfEach)
	for i := range names {
		names[i] = fmt.Sprintf(`"topic.%d"`, (member*topicsOfEach+i)%1000)
	}
	return fmt.Appendf(nil, `{"message_type":"%s","data":{"topics":[%s]}}`, kind, strings.Join(names, ","))
}

// newStorm makes a node of one reactor with so many members of ten topics each.
func newStorm(t testing.TB, members int) *world {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	for i := range members {
		c := w.join(fmt.Sprint("user", i))
		c.Forgets = true
		c.Send(frame(1, topicsMessage("subscribe", i)))
	}
	w.net.Settle()
	if n := w.server.topics.Subscriptions(); n != members*topicsOfEach {
		t.Fatalf("%d members have %d subscriptions", members, n)
	}
	return w
}

// TestNoTurnEndsAllSubscriptions ends the subscriptions of 15,000 members in each way there is: no read ends more than those of its
// connection, and no turn more than a bounded number. BenchmarkScaleStorms measures the time.
func TestNoTurnEndsAllSubscriptions(t *testing.T) {
	members := 15_000
	if testing.Short() {
		members = 1500
	}
	for _, storm := range storms {
		t.Run(storm.name, func(t *testing.T) {
			serial.Test(t)
			w := newStorm(t, members)
			storm.begin(w)
			w.endInSteps(w.server.topics.Subscriptions, storm.most)
			if err := w.audit(); err != nil {
				t.Error(err)
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
