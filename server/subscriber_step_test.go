package server

import "testing"

// TestSubscribersAreCollectedUpToALimit asks for the second half of a list, and for a topic without subscribers here.
func TestSubscribersAreCollectedUpToALimit(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		w.join(name).text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	}
	w.net.Settle()
	for _, tt := range []struct {
		topic             string
		from, limit, want int
	}{{"news", 0, 10, 4}, {"news", 2, 10, 2}, {"news", 1, 2, 2}, {"news", 4, 10, 0}, {"other", 0, 10, 0}} {
		q := &subscriberStep{topic: tt.topic, from: tt.from, limit: tt.limit}
		q.waiting.Add(1)
		q.on(&w.shards()[0].subscriptions)
		if q.waiting.Wait(); len(q.found) != tt.want {
			t.Errorf("%+v: %d are found", tt, len(q.found))
		}
	}
}
