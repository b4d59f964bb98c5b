package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"momentum/internal/serial"
	"momentum/server/auth"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

const (
	subscribeHall   = `{"message_type":"subscribe","data":{"topics":["hall"]}}`
	watchHall       = `{"message_type":"subscribe","data":{"topics":[{"topic":"hall","presence":true}]}}`
	unsubscribeHall = `{"message_type":"unsubscribe","data":{"topics":["hall"]}}`
)

// roomOf returns the presence of a topic, or nil.
func (w *world) roomOf(name string) (room *presence.Room) {
	w.server.topics.With([]byte(name), func(t *topics.Topic, _ *history.Store) { room = t.Room() })
	return room
}

// watcher is a client that keeps the users of a topic as its presence tells.
type watcher struct {
	*client
	here map[string]bool
	told []string
}

// watch updates the users by what has come.
func (w *watcher) watch(t *testing.T) {
	t.Helper()
	for _, line := range w.received() {
		var m struct {
			Type  string `json:"message_type"`
			Topic string
			Data  struct{ Username string }
		}
		if json.Unmarshal([]byte(line), &m) != nil || m.Topic != "hall" {
			continue
		}
		w.told = append(w.told, m.Type)
		switch m.Type {
		case "user_joined":
			w.here[m.Data.Username] = true
		case "user_left":
			if !w.here[m.Data.Username] {
				t.Errorf("%s leaves without having been there", m.Data.Username)
			}
			delete(w.here, m.Data.Username)
		}
	}
}

// present lists the users that are subscribed, other than the watcher's own.
func (w *world) present(but string) map[string]bool {
	here := map[string]bool{}
	for _, sh := range w.shards() {
		for s := range sh.sessions.live() {
			if name := nameOf(&w.server.node, s); name != but && sh.subscriptions.find(s, "hall") != 0 {
				here[name] = true
			}
		}
	}
	return here
}

// actInHall does something at random with a client, and returns it, or the one that takes its place.
func (w *world) actInHall(c *client, random *rand.Rand) *client {
	switch random.IntN(10) {
	case 0:
		c.HangUp()
		c = w.dial(c.name)
		c.Send(upgradeRequest(w.token(c.name)))
	case 1, 2:
		c.text(watchHall)
	case 3, 4, 5:
		c.text(subscribeHall)
	case 6, 7:
		c.text(unsubscribeHall)
	case 8:
		w.net.Advance(time.Duration(random.IntN(2000)) * time.Millisecond)
	default:
		w.net.Settle()
	}
	return c
}

// TestAWatcherKnowsTheUsersOfATopic has users with several connections subscribe, leave and come back at random on several
// reactors, and other watchers come and go. A watcher that took the list when it subscribed, and follows the messages, knows
// the users at the end.
func TestAWatcherKnowsTheUsersOfATopic(t *testing.T) {
	serial.Test(t)
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 7))
		w := newWorld(t, seed, func(o *Options) {
			o.RateLimit, o.Reactors, o.NewID, o.HeartbeatInterval = 0, 1+random.IntN(3), newIDs(), time.Hour
		})
		clients := make([]*client, 12)
		for i := range clients {
			clients[i] = w.join(fmt.Sprint("user", i%5))
		}
		act := func(times int) {
			for range times {
				i := random.IntN(len(clients))
				clients[i] = w.actInHall(clients[i], random)
			}
		}
		act(30)
		w.net.Advance(2 * presence.Grace)
		watcher := &watcher{client: w.join("watcher"), here: w.present("watcher")}
		watcher.text(watchHall)
		w.net.Settle()
		watcher.received()
		for range 20 {
			act(10)
			w.net.Settle()
			watcher.watch(t)
		}
		w.net.Advance(2 * presence.Grace)
		watcher.watch(t)
		want := w.present("watcher")
		if fmt.Sprint(watcher.here) != fmt.Sprint(want) {
			t.Errorf("seed %d: the watcher knows %v, but %v are there", seed, watcher.here, want)
		}
		if err := w.audit(); err != nil || w.roomOf("hall").Online() != len(want)+1 {
			t.Errorf("seed %d: %d users with the watcher are in the room as %d: %v", seed, len(want)+1, w.roomOf("hall").Online(), err)
		}
		if t.Failed() {
			return
		}
	}
}

// TestOnlyWatchersPayForPresence has no room, and no log of presence, without a subscriber that asks, or after the last one.
func TestOnlyWatchersPayForPresence(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice, bob := w.join("alice"), w.join("bob")
	alice.text(subscribeHall)
	w.net.Settle()
	alice.received()
	for round := range 2 {
		bob.text(subscribeHall)
		w.net.Settle()
		w.server.topics.With([]byte("hall"), func(topic *topics.Topic, _ *history.Store) {
			if topic.Room() != nil || topic.Here[0].Room != 0 {
				t.Errorf("round %d: there is a room", round)
			}
		})
		bob.text(watchHall)
		w.net.Settle()
		if w.roomOf("hall").Online() != 2 {
			t.Errorf("round %d: %d users are in the room", round, w.roomOf("hall").Online())
		}
	}
	bob.text(unsubscribeHall)
	w.net.Advance(2 * presence.Grace)
	if received := alice.received(); len(received) != 0 || w.roomOf("hall") != nil {
		t.Errorf("a subscriber that has not asked gets %s", received)
	}
}

// TestALargeTopicIsSummarized has more users subscribe at once than are announced one by one.
func TestALargeTopicIsSummarized(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.NewID = newIDs() })
	watcher := &watcher{client: w.join("watcher"), here: map[string]bool{}}
	watcher.text(watchHall)
	w.net.Settle()
	for i := range presence.OnlineEach + 10 {
		w.join(fmt.Sprint("user", i)).text(subscribeHall)
	}
	w.net.Advance(2 * presence.Interval)
	watcher.watch(t)
	each := slices.Index(watcher.told, "presence")
	if each < presence.OnlineEach-2 || each > presence.OnlineEach || len(watcher.told) != each+1 {
		t.Errorf("%d arrivals are told as %v", presence.OnlineEach+10, watcher.told)
	}
}

// TestRoomsAboveTheLimitAreRefused asks for presence on a node that has room for subscriptions alone.
func TestRoomsAboveTheLimitAreRefused(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.MaxSubscriptions = 10 })
	alice := w.join("alice")
	alice.received()
	alice.text(watchHall)
	alice.text(subscribeHall)
	w.net.Settle()
	received := strings.Join(alice.received(), "")
	if !strings.Contains(received, `{"topic":"hall","error":"node_full"}`) || !strings.Contains(received, `"topic":"hall","seq":0`) {
		t.Errorf("the answers are %s", received)
	}
	if n := w.server.topics.Subscriptions(); n != 1 {
		t.Errorf("%d subscriptions are counted", n)
	}
}

// TestRollsAreTakenInSteps opens a room over many subscriptions. Meanwhile some of them end, and others come.
func TestRollsAreTakenInSteps(t *testing.T) {
	const many = 2*rollBudget + 100
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	clients := make([]*client, many)
	for i := range clients {
		clients[i] = w.join(fmt.Sprint("user", i))
		clients[i].text(subscribeHall)
	}
	w.net.Settle()
	sh := w.shards()[0]
	room := presence.NewRoom(w.server.announceIn("hall"))
	room.Begin()
	sh.rooms.begin(&roll{topic: sh.subscriptions.here[sh.subscriptions.find(sh.first(), "hall")], room: room})
	for turn := 0; len(sh.rooms.rolls) > 0; turn++ {
		before := room.Online()
		sh.rooms.advance()
		if enrolled := room.Online() - before; enrolled > rollBudget || turn > 3 {
			t.Fatalf("turn %d enrolls %d", turn, enrolled)
		}
		for s := range sh.sessions.live() { // the first ones, and some of those that are enrolled already
			if s.conn.Slot()%40 == uint32(turn) {
				sh.subscriptions.remove(s, "hall")
				sh.rooms.leave(s, room)
			}
		}
	}
	if want := len(w.present("")); room.Online() != want || want == many {
		t.Errorf("%d users are in the room, want %d", room.Online(), want)
	}
}

// TestPresenceOfATopicSurvivesAnOverload: an arrival that cannot be announced when it happens is announced later.
func TestPresenceOfATopicSurvivesAnOverload(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	watcher := &watcher{client: w.join("watcher"), here: map[string]bool{}}
	watcher.text(watchHall)
	w.net.Settle()
	bob := w.join("bob")
	w.server.counters[0].Waits.Store(backlogBytes + 1)
	bob.text(subscribeHall)
	w.net.Settle()
	if watcher.watch(t); len(watcher.told) > 0 {
		t.Errorf("during the overload the watcher is told %v", watcher.told)
	}
	w.net.Advance(2 * presence.Interval)
	if watcher.watch(t); fmt.Sprint(watcher.told) != "[presence]" {
		t.Errorf("after the overload the watcher is told %v", watcher.told)
	}
}

// TestRoomsOnRealReactors runs with the race detector: clients of all reactors ask, subscribe and leave at once, while the ticker
// ticks. At the end nothing is left.
func TestRoomsOnRealReactors(t *testing.T) {
	o := realOptions()
	o.TopicsDefault, o.MaxTopics = &auth.Topics{Subscribe: []string{"*"}}, 8
	n := startReal(t, o)
	var clients sync.WaitGroup
	for i := range 12 {
		c := mustJoin(t, n, fmt.Sprint("user", i%5))
		clients.Go(func() {
			for range 60 {
				for _, message := range []string{watchHall, subscribeHall, watchHall, unsubscribeHall} {
					_ = c.say(message)
				}
			}
			if _, err := c.until(`"unsubscribed"`); err != nil {
				t.Error(err)
			}
			_ = c.Close()
		})
	}
	clients.Wait()
	eventually(t, "no subscription is left", func() bool { return n.topics.Subscriptions() == 0 })
	eventually(t, "the node agrees with itself", func() bool { return n.Audit(t.Context()) == nil })
	n.topics.With([]byte("hall"), func(topic *topics.Topic, _ *history.Store) {
		if topic.Room() != nil {
			t.Error("a room is left")
		}
	})
}
