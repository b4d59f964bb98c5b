package server

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"momentum/netpoll"
)

// TestAClientThatAsksMuchDelaysNobodyElse has one client of a cluster ask for sixty different pages before others on its reactor
// ask for one each.
func TestAClientThatAsksMuchDelaysNobodyElse(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	w := c.nodes[0]
	greedy := c.admit(0, "greedy")
	for i := range 60 {
		greedy.text(fmt.Sprintf(`{"id":"m","message_type":"who","data":{"limit":%d}}`, i+2))
	}
	c.settle()
	var others []*client
	for i := range 8 {
		others = append(others, c.admit(0, fmt.Sprint("user", i)))
		others[i].text(`{"id":"w","message_type":"who"}`)
	}
	answered := 0
	for ticks := 0; answered < len(others); {
		for under := true; under; {
			c.settle()
			under = false
			for _, sh := range w.shards() {
				under = under || sh.surveys.underWay
			}
		}
		for _, one := range others {
			answered += len(lists(t, one))
		}
		if ticks++; ticks > 5 {
			t.Fatalf("%d of %d clients are answered after %d ticks", answered, len(others), ticks)
		}
		w.net.Advance(netpoll.TickLength)
	}
}

// TestASessionHasABoundedLineOfQuestions, which is answered in order.
func TestASessionHasABoundedLineOfQuestions(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.join("alice")
	w.net.Settle()
	alice.received()
	k := &w.shards()[0].listings.askers
	for i := range maxLined + 6 {
		alice.text(fmt.Sprintf(`{"id":"w%d","message_type":"who"}`, i))
	}
	w.net.Settle()
	received := alice.received()
	refused := strings.Count(strings.Join(received, " "), `"overloaded"`)
	if answered := len(received) - refused; refused != 5 || answered != maxLined+1 {
		t.Errorf("%d are answered and %d refused", answered, refused)
	}
	if last := received[len(received)-1]; !strings.Contains(last, fmt.Sprintf(`"w%d"`, maxLined)) {
		t.Errorf("the last answer is %s", last)
	}
	if len(k.by) != 0 || k.lined != 0 {
		t.Errorf("%d sessions and %d questions are left", len(k.by), k.lined)
	}
}

func TestLinesLeaveRoomForFirstQuestions(t *testing.T) {
	var k askers
	enter := func(to int) (room, first bool) { return k.enter(&listing{to: netpoll.Handle(to)}) }
	for to := range maxListings / maxLined {
		for range maxLined + 1 {
			if room, _ := enter(to); !room {
				t.Fatalf("no room with %d questions", k.lined)
			}
		}
	}
	enter(maxListings)
	if room, _ := enter(maxListings); room {
		t.Error("more questions are in lines than there may be")
	}
	for to := len(k.by); to < maxListings; to++ {
		if room, first := enter(to); !room || !first {
			t.Fatalf("no room for the first question of session %d", to)
		}
	}
	if room, _ := enter(2 * maxListings); room {
		t.Error("more sessions ask than may")
	}
	k.leave(0)
	if room, _ := enter(2 * maxListings); !room || k.lined != maxListings-maxLined {
		t.Errorf("after one has left there is room %v, with %d in lines", room, k.lined)
	}
}

// TestAnEndedSessionsQuestionsAreDropped, and the other nodes are not asked.
func TestAnEndedSessionsQuestionsAreDropped(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	w := c.nodes[0]
	asked := make(chan int, 100)
	w.server.survey = func(_ context.Context, _ uuid.UUID, limit int) (s surveyed) {
		asked <- limit
		return s
	}
	alice := c.admit(0, "alice")
	for range 3 {
		alice.text(`{"id":"w","message_type":"who"}`)
	}
	c.settle()
	waiting := func() (sessions, lined, surveyed int) {
		for _, sh := range w.shards() {
			l := &sh.listings
			sessions, lined, surveyed = sessions+len(l.askers.by), lined+l.askers.lined, surveyed+len(l.surveyed)
		}
		return sessions, lined, surveyed
	}
	if sessions, lined, surveyed := waiting(); sessions != 1 || lined != 2 || surveyed != 1 {
		t.Fatalf("%d sessions, %d in lines, %d to be asked: this test shows nothing", sessions, lined, surveyed)
	}
	alice.Reset()
	c.settle()
	if sessions, lined, _ := waiting(); sessions != 0 || lined != 0 {
		t.Errorf("%d sessions and %d questions in lines are left", sessions, lined)
	}
	w.net.Advance(netpoll.TickLength)
	c.settle()
	if _, _, surveyed := waiting(); surveyed != 0 || len(asked) != 0 {
		t.Errorf("%d questions are left, and %d were asked", surveyed, len(asked))
	}
}

// TestAnEndedSessionsListingCollectsNobody, and gives back the places that it holds.
func TestAnEndedSessionsListingCollectsNobody(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	w.join("alice").text(`{"id":"s","message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	l := &w.shards()[0].listings
	a := &listing{topic: "news", limit: 10, to: netpoll.Handle(1e6)}
	if room, first := l.askers.enter(a); !room || !first || !l.hold(a) || w.server.listed.Load() != 1 {
		t.Fatalf("%d places are held: this test shows nothing", w.server.listed.Load())
	}
	l.askers.leave(a.to)
	l.visit(a)
	w.net.Settle()
	if len(a.found) != 0 || w.server.listed.Load() != 0 || len(l.waiting) != 0 {
		t.Errorf("%d are collected, %d places are held", len(a.found), w.server.listed.Load())
	}
}

// TestAReactorRefusesVisitorsAboveItsLimit: listings of a topic that other reactors' sessions have asked for go back.
func TestAReactorRefusesVisitorsAboveItsLimit(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.join("alice")
	alice.text(`{"id":"s","message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	alice.received()
	l := &w.shards()[0].listings
	for i := range maxListings {
		l.waiting = append(l.waiting, &listing{topic: "none", to: netpoll.Handle(i + 1e6)})
	}
	question := `{"id":"w","message_type":"who","data":{"topic":"news"}}`
	alice.text(question)
	w.net.Settle()
	if received := strings.Join(alice.received(), " "); !strings.Contains(received, `"overloaded"`) {
		t.Errorf("received %s", received)
	}
	w.server.listed.Store(maxListed)
	alice.text(question)
	w.net.Settle()
	if received := strings.Join(alice.received(), " "); !strings.Contains(received, `"overloaded"`) {
		t.Errorf("with all places held: received %s", received)
	}
	w.server.listed.Store(0)
	alice.text(question)
	w.net.Settle()
	if pages := lists(t, alice); len(pages) != 1 || len(pages[0].Users) != 1 || w.server.listed.Load() != 0 {
		t.Errorf("with room again: %+v", pages)
	}
}
