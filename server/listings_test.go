package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/serial"
	"momentum/netpoll"
	"momentum/server/admit"
)

// listed is the data of an answer.
type listed struct {
	Topic   string
	Count   int
	Scope   string
	Partial bool
	Users   []struct {
		UserID   uuid.UUID `json:"user_id"`
		Username string
	}
	Next string
}

// lists returns the pages of users among what a client has received.
func lists(t testing.TB, c *client) (all []listed) {
	for _, line := range c.received() {
		var m struct {
			Type string `json:"message_type"`
			Data json.RawMessage
		}
		if json.Unmarshal([]byte(line), &m) != nil || m.Type != "who" {
			continue
		}
		var data listed
		if err := json.Unmarshal(m.Data, &data); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, data)
	}
	return all
}

// TestPagesHaveEverybodyOnce asks for pages of seven until there is no next one, of all users and of a topic.
func TestPagesHaveEverybodyOnce(t *testing.T) {
	for _, topic := range []string{"", `,"topic":"news"`} {
		w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 3, newIDs() })
		var all []*client
		for i := range 50 {
			c := w.join(fmt.Sprint("user", i))
			c.text(`{"id":"s","message_type":"subscribe","data":{"topics":["news"]}}`)
			all = append(all, c)
		}
		w.net.Settle()
		asker, after, seen := all[20], "", map[string]int{}
		asker.received()
		for range 50/7 + 3 {
			asker.text(fmt.Sprintf(`{"id":"w","message_type":"who","data":{"limit":7,"after":%q%s}}`, after, topic))
			w.net.Settle()
			pages := lists(t, asker)
			if len(pages) != 1 || len(pages[0].Users) > 7 || pages[0].Count != 50 || pages[0].Scope != "" {
				t.Fatalf("answered with %+v", pages)
			}
			for _, u := range pages[0].Users {
				if seen[u.Username]++; u.UserID != userID(u.Username) {
					t.Errorf("%s has the id %v", u.Username, u.UserID)
				}
			}
			if after = pages[0].Next; after == "" {
				break
			}
		}
		if len(seen) != 50 || after != "" {
			t.Errorf("%d of 50 users are listed, next %q", len(seen), after)
		}
		for name, n := range seen {
			if n != 1 {
				t.Errorf("%s is listed %d times", name, n)
			}
		}
	}
}

// TestASubscriberThatStaysIsOnAPage though one of an earlier page leaves, and another one moves to its place.
func TestASubscriberThatStaysIsOnAPage(t *testing.T) {
	for leaver := range 10 {
		w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
		var all []*client
		for i := range 11 {
			c := w.join(fmt.Sprint("user", i))
			c.text(`{"id":"s","message_type":"subscribe","data":{"topics":["news"]}}`)
			all = append(all, c)
		}
		w.net.Settle()
		asker, after, seen := all[10], "", map[string]bool{}
		asker.received()
		for page := 0; page == 0 || after != ""; page++ {
			asker.text(fmt.Sprintf(`{"id":"w","message_type":"who","data":{"topic":"news","limit":5,"after":%q}}`, after))
			w.net.Settle()
			p := lists(t, asker)[0]
			for _, u := range p.Users {
				seen[u.Username] = true
			}
			if after = p.Next; page == 0 {
				all[leaver].text(`{"id":"u","message_type":"unsubscribe","data":{"topics":["news"]}}`)
				w.net.Settle()
			}
		}
		for i := range all {
			if name := fmt.Sprint("user", i); i != leaver && !seen[name] {
				t.Errorf("user%d leaves, %s stays and is on no page", leaver, name)
			}
		}
	}
}

// TestACursorOfNoReactorIsRefused.
func TestACursorOfNoReactorIsRefused(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 2 })
	alice := w.join("alice")
	alice.text(`{"id":"s","message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	for after, want := range map[string]string{
		"77.0": `"bad_who"`, "2": `"bad_who"`, "0.": `"bad_who"`, "": `"count":1`, "1": `"count":1`, "0.9": `"count":1`, "0.0": `"count":1`,
	} {
		alice.received()
		alice.text(fmt.Sprintf(`{"id":"w","message_type":"who","data":{"topic":"news","after":%q}}`, after))
		w.net.Settle()
		if received := strings.Join(alice.received(), " "); !strings.Contains(received, want) {
			t.Errorf("after %q: %s", after, received)
		}
	}
}

// TestATurnListsABoundedNumberOfUsers has many clients ask at once. Those that ask for the same page in a turn get one page.
func TestATurnListsABoundedNumberOfUsers(t *testing.T) {
	serial.Test(t)
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	var all []*client
	for i := range 600 {
		all = append(all, w.join(fmt.Sprint("user", i)))
	}
	w.net.Advance(5 * time.Second) // presence is over
	for i, c := range all {
		c.received()
		c.text(fmt.Sprintf(`{"id":"w","message_type":"who","data":{"limit":%d}}`, 300+i/300*300))
	}
	sh := w.shards()[0]
	turns, least := 0, listingBudget/(300+600/sendShare)
	for before := len(sh.listings.waiting); before > 0; turns++ {
		w.net.Step()
		answered := before - len(sh.listings.waiting)
		if most := listingBudget / (300 / sendShare); answered > most {
			t.Fatalf("a turn answers %d clients, want at most %d", answered, most)
		}
		if before -= answered; turns == 0 && answered < 2*least {
			t.Errorf("a turn answers %d clients that ask for one page, and could answer %d one by one", answered, least)
		}
		if turns > 1000 {
			t.Fatalf("%d clients wait for ever", before)
		}
	}
	if turns < 5 {
		t.Errorf("all are answered in %d turns: this test shows nothing", turns)
	}
	w.net.Settle()
	for i, c := range all {
		if pages := lists(t, c); len(pages) != 1 || len(pages[0].Users) != 300+i/300*300 {
			t.Fatalf("client %d is answered with %d pages", i, len(pages))
		}
	}
	if got := sh.count.Listings.Load(); got != 600 {
		t.Errorf("%d answers are counted", got)
	}
}

// TestAskingForUsersCostsCredit lets a client ask for 130 users, which costs as much as three messages, and then send messages.
func TestAskingForUsersCostsCredit(t *testing.T) {
	const limit = 20
	for question, want := range map[string]int{
		`{"id":"w","message_type":"who"}`:                        limit*admit.BurstSeconds - 3,
		`{"id":"w","message_type":"who","data":{"limit":65}}`:    limit*admit.BurstSeconds - 2,
		`{"id":"w","message_type":"who","data":{"limit":1}}`:     limit*admit.BurstSeconds - 1,
		`{"id":"w","message_type":"who","data":{"limit":"all"}}`: limit*admit.BurstSeconds - 1,
	} {
		w := newWorld(t, 1, func(o *Options) { o.RateLimit, o.NewID = limit, newIDs() })
		alice, bob := w.join("alice"), w.join("bob")
		w.arrive(names("user", 128)...)
		w.net.Advance(5 * time.Second) // presence is over
		bob.received()
		alice.text(question)
		for range limit * admit.BurstSeconds {
			alice.text(`{"id":"m","message_type":"text"}`)
		}
		w.net.Settle()
		if got := len(bob.received()); got != want {
			t.Errorf("after %s %d messages are delivered, want %d", question, got, want)
		}
	}
}

// TestTooManyQuestionsAreRefused, and those of clients that have gone are dropped.
func TestTooManyQuestionsAreRefused(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice, bob := w.join("alice"), w.join("bob")
	w.net.Settle()
	alice.text(`{"id":"w","message_type":"who"}`)
	alice.Reset()
	sh := w.shards()[0]
	for i := range maxListings {
		a := &listing{limit: 1, to: netpoll.Handle(i + 1e6)}
		sh.listings.askers.enter(a)
		sh.listings.waiting = append(sh.listings.waiting, a)
	}
	bob.received()
	bob.text(`{"id":"w","message_type":"who"}`)
	w.net.Settle()
	if received := strings.Join(bob.received(), " "); !strings.Contains(received, `"code":"overloaded"`) || strings.Contains(received, `"users"`) {
		t.Errorf("received %s", received)
	}
	if len(sh.listings.waiting) != 0 || sh.count.Listings.Load() != 0 {
		t.Errorf("%d wait, %d answered", len(sh.listings.waiting), sh.count.Listings.Load())
	}
	bob.text(`{"id":"w","message_type":"who"}`)
	w.net.Settle()
	if pages := lists(t, bob); len(pages) != 1 || len(pages[0].Users) != 1 {
		t.Errorf("with room again: %+v", pages)
	}
}

// TestANodeOfAClusterListsItsOwnSubscribers, and says so.
func TestANodeOfAClusterListsItsOwnSubscribers(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ann, bob := c.admit(0, "ann"), c.admit(1, "bob")
	for _, peer := range []*client{ann, bob} {
		peer.text(`{"id":"s","message_type":"subscribe","data":{"topics":["news"]}}`)
	}
	c.settle()
	ann.text(`{"id":"w","message_type":"who","data":{"topic":"news"}}`)
	c.settle()
	pages := lists(t, ann)
	if len(pages) != 1 || pages[0].Scope != "node" || pages[0].Count != 1 || len(pages[0].Users) != 1 || pages[0].Users[0].Username != "ann" {
		t.Errorf("answered with %+v", pages)
	}
}
