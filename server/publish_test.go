package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/topics"
)

// TestAllReactorsSeeOneOrder has four goroutines broadcast at once: two clients of different reactors get all messages
// in one and the same order.
func TestAllReactorsSeeOneOrder(t *testing.T) {
	const publishers, each = 4, 300
	n := startReal(t, realOptions())
	reactors := n.Group().Reactors()
	listeners := make([]*wire, 4*reactors) // the kernel spreads them over the reactors
	for i := range listeners {
		listeners[i] = mustJoin(t, n, fmt.Sprint("listener", i))
	}
	var publishing sync.WaitGroup
	for p := range publishers {
		publishing.Go(func() {
			for i := range each {
				if _, err := n.Broadcast("text", fmt.Appendf(nil, `"%d of %d"`, i, p)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishing.Wait()
	var first []string
	for i, w := range listeners {
		received := make([]string, publishers*each)
		for k := range received {
			line, err := w.until(`"message_type":"text"`)
			if err != nil {
				t.Fatal(err)
			}
			received[k] = line
		}
		if first == nil {
			first = received
		}
		if !slices.Equal(received, first) {
			t.Fatalf("listener %d received another order than listener 0", i)
		}
	}
}

// TestAMessageThatComesDuringAPostIsPostedAfterIt publishes a second message while the first is posted to one of two reactors: the
// channel's lock makes it wait, so both reactors get the first one first.
func TestAMessageThatComesDuringAPostIsPostedAfterIt(t *testing.T) {
	w := newWorld(t, 1, nil)
	first, second := w.joinOn(0, "alice"), w.joinOn(1, "alice")
	for _, c := range []*client{first, second} {
		c.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	}
	w.net.Settle()
	for channel, publish := range map[string]func(text json.RawMessage) (Receipt, error){
		"the broadcast":   func(text json.RawMessage) (Receipt, error) { return w.server.Broadcast("text", text) },
		"a topic":         func(text json.RawMessage) (Receipt, error) { return w.server.Publish("news", "text", text) },
		"direct messages": func(text json.RawMessage) (Receipt, error) { return w.server.Send(userID("alice"), "text", text) },
	} {
		first.received()
		second.received()
		done := make(chan error, 1)
		w.net.Rung = func() { // the first message is in the mailbox of one reactor
			w.net.Rung = nil
			go func() {
				_, err := publish(json.RawMessage(`"second"`))
				done <- err
			}()
			for i := 0; i < 1000 && len(done) == 0; i++ {
				runtime.Gosched()
			}
		}
		if _, err := publish(json.RawMessage(`"first"`)); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		w.net.Settle()
		for _, c := range []*client{first, second} {
			if got := c.received(); len(got) != 2 || !strings.Contains(got[0], `"first"`) {
				t.Errorf("%s: one reactor gets %q", channel, got)
			}
		}
	}
}

// TestADirectMessageGoesToAllConnectionsOrNone has a user on two reactors, one of which cannot be given more.
func TestADirectMessageGoesToAllConnectionsOrNone(t *testing.T) {
	for _, full := range []func(w *world){
		func(w *world) { w.server.counters[1].Queued.Store(backlogBytes + 1) },
		func(w *world) { fillMailbox(w, 1) },
	} {
		w := newWorld(t, 1, nil)
		first, second := w.joinOn(0, "alice"), w.joinOn(1, "alice")
		first.received()
		second.received()
		full(w)
		if _, err := w.server.Send(userID("alice"), "text", []byte(`1`)); !errors.Is(err, ErrOverloaded) {
			t.Errorf("sent with %v", err)
		}
		if w.server.Stats().Overloaded != 1 {
			t.Errorf("%d messages are counted as refused", w.server.Stats().Overloaded)
		}
		w.net.Settle()
		if a, b := first.received(), second.received(); len(a)+len(b) != 0 {
			t.Errorf("a refused message is received: %q, %q", a, b)
		}
		w.server.counters[1].Queued.Store(0)
		if r, err := w.server.Send(userID("alice"), "text", []byte(`2`)); err != nil || r.Connections != 2 {
			t.Errorf("then sent to %d connections: %v", r.Connections, err)
		}
		w.net.Settle()
		if a, b := first.received(), second.received(); len(a) != 1 || len(b) != 1 {
			t.Errorf("received %q, %q", a, b)
		}
	}
}

// TestAMessageForEverybodyGoesToAllReactorsOrNone fills one reactor's mailbox.
func TestAMessageForEverybodyGoesToAllReactorsOrNone(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, bob := w.joinOn(0, "alice"), w.joinOn(1, "bob")
	w.net.Advance(time.Second)
	alice.received()
	bob.received()
	fillMailbox(w, 1)
	if _, err := w.server.Broadcast("text", []byte(`1`)); !errors.Is(err, ErrOverloaded) {
		t.Errorf("broadcast with %v", err)
	}
	w.net.Settle()
	if a, b := alice.received(), bob.received(); len(a)+len(b) != 0 {
		t.Errorf("a refused message is received: %q, %q", a, b)
	}
}

// TestPresenceSurvivesAnOverload: an arrival that cannot be announced when it happens is announced later.
func TestPresenceSurvivesAnOverload(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice := w.join("alice")
	alice.received()
	w.server.counters[0].Waits.Store(backlogBytes + 1)
	w.server.counters[1].Waits.Store(backlogBytes + 1)
	c := w.dial("bob")
	c.Send(upgradeRequest(w.token("bob")))
	for w.server.sessionsNow() < 2 && w.net.Step() { // a turn's end would find that nothing waits
		w.server.counters[0].Waits.Store(backlogBytes + 1)
		w.server.counters[1].Waits.Store(backlogBytes + 1)
	}
	w.net.Advance(3 * time.Second)
	if received := strings.Join(alice.received(), " "); strings.Count(received, userID("bob").String()) != 1 {
		t.Errorf("alice received of bob's arrival: %q", received)
	}
}

// fillMailbox posts to a reactor until it has no room.
func fillMailbox(w *world, reactor int) {
	body := make([]byte, 1<<20)
	for w.server.group.HasRoom(reactor) {
		w.server.group.PostTo(reactor, netpoll.Post{Op: opDirect}, body) // to no connection
	}
}

// joinOn connects a user to a reactor.
func (w *world) joinOn(reactor int, name string) *client {
	c := &client{Peer: w.net.DialTo(reactor), name: name}
	w.clients = append(w.clients, c)
	c.Send(upgradeRequest(w.token(name)))
	w.net.Settle()
	return c
}

// TestAMessageForManyMayWaitForOthers on its way to the bus, if its audience on this node is large enough for a pass that waits.
func TestAMessageForManyMayWaitForOthers(t *testing.T) {
	w := newWorld(t, 1, nil)
	topic, nobody := []byte("news"), func(*topics.Topic, *history.Store) {}
	many := fanout.GatherFrom * w.server.group.Reactors()
	for range many - 1 {
		w.server.topics.Subscribe(topic, 0, nobody)
	}
	w.crowd(many - 1)
	all, some, alice := everybodyBut(uuid.Nil), subscribersBut(topic, uuid.Nil), onlyTo(userID("alice"))
	for _, want := range []time.Duration{0, busWait} {
		for _, to := range []audience{all, some} {
			if got := w.server.waitFor(to); got != want {
				t.Errorf("%+v with %d members: %v", to, w.server.sessionsNow(), got)
			}
		}
		w.join("alice")
		w.server.topics.Subscribe(topic, 0, nobody)
	}
	if got := w.server.waitFor(alice); got != 0 {
		t.Errorf("a direct message waits for %v", got)
	}
}
