package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAdministratorsPublishToTopics(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, bob := w.join("alice"), w.join("bob")
	alice.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	w.net.Settle()
	alice.heard()
	bob.heard()
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
	if heard := alice.heard(); len(heard) != 3 || !strings.Contains(heard[2], `"topic":"news","seq":3`) {
		t.Errorf("the subscriber gets %q", heard)
	}
	if heard := bob.heard(); len(heard) != 0 {
		t.Errorf("another user gets %q", heard)
	}
}

func TestTopicsAndTheirSubscribersAreListed(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 3 })
	for i := range 20 {
		c := w.join(fmt.Sprint("user", i))
		c.text(`{"message_type":"subscribe","data":{"topics":["a","b"]}}`)
	}
	w.net.Settle()
	n, rows := w.server.Topics("", 10)
	if n != 40 || len(rows) != 2 || rows[0].Topic != "a" || rows[0].Subscribers != 20 {
		t.Errorf("%d subscriptions, %+v", n, rows)
	}
	seen := map[string]bool{}
	for from, more := (TopicCursor{}), true; more; {
		var page []Subscriber
		page, from, more = w.subscribers("a", from, 3)
		for _, s := range page {
			seen[s.Username] = true
		}
	}
	if len(seen) != 20 || !seen["user7"] {
		t.Errorf("the pages have %d users: %v", len(seen), seen)
	}
	if page, _, more := w.subscribers("none", TopicCursor{}, 3); len(page) > 0 || more {
		t.Errorf("a topic that is not known has %v", page)
	}
}

// subscribers calls Subscribers while the reactors run.
func (w *world) subscribers(topic string, from TopicCursor, limit int) (page []Subscriber, next TopicCursor, more bool) {
	w.t.Helper()
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		var err error
		page, next, more, err = w.server.Subscribers(ctx, topic, from, limit)
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				w.t.Fatal(err)
			}
			return page, next, more
		default:
			w.net.Settle()
		}
	}
}
