package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"momentum/server/auth"
)

func TestAdministratorsPublishToTopics(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, bob := w.join("alice"), w.join("bob")
	alice.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	alice.received()
	bob.received()
	for _, tt := range []struct {
		topic, kind string
		err         error
		connections int
		seq         uint64
	}{
		{"news", "system_message", nil, 1, 1}, {"news", "text", nil, 1, 2}, {"other", "text", nil, 0, 0},
		{"a b", "text", ErrBadTopic, 0, 0}, {"news", "pong", ErrNotAllowedType, 0, 0},
	} {
		r, err := w.server.Publish(tt.topic, tt.kind, json.RawMessage(`1`))
		if !errors.Is(err, tt.err) || r.Connections != tt.connections || r.Seq != tt.seq {
			t.Errorf("%+v: %+v, %v", tt, r, err)
		}
	}
	first, _ := w.server.PublishOnce("id", "news", "text", json.RawMessage(`1`))
	again, _ := w.server.PublishOnce("id", "news", "text", json.RawMessage(`1`))
	if first != again || first.Seq != 3 {
		t.Errorf("a message that is sent again: %+v and %+v", first, again)
	}
	w.net.Settle()
	if received := alice.received(); len(received) != 3 || !strings.Contains(received[2], `"topic":"news","seq":3`) {
		t.Errorf("the subscriber gets %q", received)
	}
	if received := bob.received(); len(received) != 0 {
		t.Errorf("another user gets %q", received)
	}
}

func TestTopicsAndTheirSubscribersAreListed(t *testing.T) {
	o := realOptions()
	o.MaxTopics, o.TopicsDefault, o.Reactors = 128, &auth.Topics{Subscribe: []string{"*"}}, 3
	n := startReal(t, o)
	var clients []*wire // kept, since a connection that is garbage is closed
	for i := range 20 {
		c := mustJoin(t, n, fmt.Sprint("user", i))
		clients = append(clients, c)
		if err := c.say(`{"message_type":"subscribe","data":{"topics":["a","b"]}}`); err != nil {
			t.Fatal(err)
		}
		if _, err := c.until(`"subscribed"`); err != nil {
			t.Fatal(err)
		}
	}
	count, rows := n.Topics("", 10)
	if count != 40 || len(rows) != 2 || rows[0].Topic != "a" || rows[0].Subscribers != 20 {
		t.Errorf("%d subscriptions, %+v", count, rows)
	}
	seen := map[string]bool{}
	for from, more := (TopicCursor{}), true; more; {
		page, next, further, err := n.Subscribers(t.Context(), "a", from, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page {
			seen[s.Username] = true
		}
		from, more = next, further
	}
	if len(seen) != 20 || !seen["user7"] {
		t.Errorf("the pages have %d users: %v", len(seen), seen)
	}
	if page, _, more, err := n.Subscribers(t.Context(), "none", TopicCursor{}, 3); len(page) > 0 || more || err != nil {
		t.Errorf("a topic that is not known has %v, %v", page, err)
	}
	runtime.KeepAlive(clients)
}
