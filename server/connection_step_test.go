package server

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/admit"
)

// TestAWalkForAnAddressIsBounded asks a reactor that has more sessions than one question looks at, of which only the last is from the
// address. It also shows that no turn looks at all of them.
func TestAWalkForAnAddressIsBounded(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID, o.MaxSockets, o.MaxConnections = 1, newIDs(), 1<<20, 1<<20 })
	w.join("alice")
	b := &w.shards()[0].base
	alice := b.sessions.slot(0)
	const sessions = walkedAtOnce + 2*int(sessionsPerPage)
	for b.sessions.pages = nil; len(b.sessions.pages) < sessions/int(sessionsPerPage); {
		b.sessions.pages = append(b.sessions.pages, make([]session, sessionsPerPage))
	}
	*b.sessions.slot(uint32(sessions - 1)) = *alice
	network := admit.NetworkOf(netip.MustParseAddr("192.0.2.1"))
	var from uint64
	for question := range 2 {
		walks := walks{base: b}
		step := &connectionStep{address: network, from: from, limit: 5, waiting: new(sync.WaitGroup)}
		step.waiting.Add(1)
		step.on(b, &walks)
		turns := 1
		for ; walks.advance(); turns++ {
		}
		step.waiting.Wait()
		switch {
		case question == 0 && (step.over || step.next != walkedAtOnce || len(step.rows) > 0 || turns < walkedAtOnce/walkBudget):
			t.Errorf("the first question has %d rows, over %v, and goes on at %d after %d turns", len(step.rows), step.over, step.next, turns)
		case question == 1 && (!step.over || len(step.rows) != 1):
			t.Errorf("the second question has %d rows, over %v", len(step.rows), step.over)
		}
		from = step.next
	}
}

// TestConnectionsOfATopicAreFoundWhileOthersLeave: one that leaves moves others only towards the beginning of the list.
func TestConnectionsOfATopicAreFoundWhileOthersLeave(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	var clients []*client
	for i := range 6 {
		c := w.join(fmt.Sprint("user", i))
		c.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
		w.net.Settle()
		clients = append(clients, c)
	}
	b := &w.shards()[0].base
	seen := map[uuid.UUID]bool{}
	from := uint64(allSubscribers)
	for i := 0; ; i++ {
		step := &connectionStep{topic: "news", from: from, limit: 2, waiting: new(sync.WaitGroup)}
		step.waiting.Add(1)
		step.on(b, nil)
		for _, row := range step.rows {
			seen[row.UserID] = true
		}
		if from = step.next; step.over {
			break
		}
		clients[i].HangUp()
		w.net.Settle()
	}
	for i := 2; i < 6; i++ {
		if !seen[userID(fmt.Sprint("user", i))] {
			t.Errorf("user%d, who stays, is not listed", i)
		}
	}
}

// TestATurnMakesABoundedNumberOfRows asks for more rows of a user and of a topic than the budget of a turn allows.
func TestATurnMakesABoundedNumberOfRows(t *testing.T) {
	const all = walkBudget/looksPerRow + 40
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.MaxConnections, o.MaxSockets = 1, 2*all, 2*all })
	var alice netpoll.Handle
	for i := range all {
		w.join(fmt.Sprint("user", i)).text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	}
	w.net.Settle()
	b := &w.shards()[0].base
	alice = b.sessions.slot(0).handle()
	for name, step := range map[string]*connectionStep{
		"of a topic": {topic: "news", from: allSubscribers, limit: all},
		"of a user":  {handles: slices.Repeat([]netpoll.Handle{alice}, all)},
	} {
		step.waiting = new(sync.WaitGroup)
		step.waiting.Add(1)
		step.on(b, nil)
		first := len(step.rows)
		w.net.Settle()
		step.waiting.Wait()
		if first == 0 || first > walkBudget/looksPerRow+1 || len(step.rows) != all {
			t.Errorf("%s: %d rows in the first turn, %d in all", name, first, len(step.rows))
		}
	}
}
