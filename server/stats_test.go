package server

import (
	"fmt"
	"maps"
	"testing"

	"momentum/server/presence"
	"momentum/server/stats"
)

func TestStatsCountSessionsAndHandshakes(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.join("alice")
	w.join("alice")
	w.dial("asking").Send([]byte("no request\r\n\r\n"))
	w.net.Settle()
	s := w.server.Stats()
	if s.TotalConnections != 2 || s.UniqueUsers != 1 || s.Accepted != 3 || s.Admitted != 2 || s.Sockets != 3 || s.Drain != nil {
		t.Errorf("the figures are %+v", s)
	}
	refused := uint64(0)
	for _, n := range s.Refused {
		refused += n
	}
	if refused != 1 {
		t.Errorf("%v were refused", s.Refused)
	}
}

func TestStatsSayHowArrivalsAreAnnounced(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.NewID = newIDs() })
	if how := w.server.Stats().Presence; how != "each" {
		t.Errorf("an empty node announces arrivals by %q", how)
	}
	for i := range presence.OnlineEach + 1 {
		w.join(fmt.Sprint("user", i))
	}
	if how := w.server.Stats().Presence; how != "summary" {
		t.Errorf("a full node announces arrivals by %q", how)
	}
}

func TestLogLinesDroppedMayBeUnknown(t *testing.T) {
	w := newWorld(t, 1, nil)
	if n := w.server.Stats().LogLinesDropped; n != 0 {
		t.Errorf("%d", n)
	}
	w = newWorld(t, 1, func(o *Options) { o.LogDropped = func() uint64 { return 7 } })
	if n := w.server.Stats().LogLinesDropped; n != 7 {
		t.Errorf("%d, want 7", n)
	}
}

// TestStatsCountTheRequestsForTopics asks for topics, once with each outcome but expired and too_many.
func TestStatsCountTheRequestsForTopics(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.MaxTopics, o.MaxSubscriptions, o.Reactors = 2, 3, 1 })
	ask := func(name string) *client {
		c := w.dial(name)
		c.Send(upgradeRequest(w.tokenForTopics(name, `{"subscribe":["news","sport","weather"]}`)))
		c.text(`{"message_type":"subscribe","data":{"topics":["secret","no topic","news",{"topic":"news","seq":0},{"topic":"news","seq":9},{"topic":"news","seq":0,"epoch":"old"},"sport","weather"]}}`)
		w.net.Settle()
		return c
	}
	ask("alice")
	ask("bob").HangUp()
	want := map[string]uint64{"new": 3, "resumed": 2, "unknown": 2, "epoch": 2, "expired": 0, "too_many": 0, "bad_topic": 2, "not_allowed": 2, "too_many_topics": 1, "node_full": 2}
	if s := w.server.Stats(); !maps.Equal(s.Requests, want) || s.Limit != 3 {
		t.Errorf("the requests are counted as %v, want %v; the limit is %d", s.Requests, want, s.Limit)
	}
}

// TestStatsCountWhatIsKept sends a broadcast and a direct message to a client that then resumes.
func TestStatsCountWhatIsKept(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice := w.join("alice")
	alice.text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
	for _, m := range []string{`{"message_type":"text","topic":"news"}`, `{"id":"1","message_type":"text","ack":true}`, `{"message_type":"text","to_user_id":"` + userID("alice").String() + `"}`} {
		alice.text(m)
	}
	w.net.Settle()
	s := w.server.Stats()
	for channel, kept := range s.History {
		if kept.Bytes < 100 || kept.Bytes > 1000 || kept.Limit < 1<<20 {
			t.Errorf("%s: %d of %d bytes", channel, kept.Bytes, kept.Limit)
		}
	}
	if len(s.History) != 3 || s.Topics != 1 || s.Acks != 1 || len(s.Resumes) != int(stats.Resumes) {
		t.Errorf("%+v", s.Remembered)
	}
}
