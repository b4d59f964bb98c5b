package server

import (
	"fmt"
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
