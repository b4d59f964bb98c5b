package server

import (
	"encoding/json"
	"testing"
	"time"
)

// TestAViewAgreesWithTheStats compares the view of a second with the counters that /ws/stats adds up.
func TestAViewAgreesWithTheStats(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.MaxViewers, o.Health = 1, func() json.RawMessage { return json.RawMessage(`{"status":"ok"}`) }
	})
	w.net.Advance(1500 * time.Millisecond)
	alice, bob := w.join("alice"), w.join("bob")
	alice.text(`{"message_type":"text","data":"hello"}`)
	w.net.Settle()
	bob.HangUp()
	w.net.Advance(time.Second)
	v, stats := w.server.Views.Last(), w.server.Stats()
	if int(v.Connections.Now) != stats.TotalConnections || v.Connections.Now != 1 || int(v.Connections.Limit) != stats.MaxConnections || v.Users != stats.UniqueUsers {
		t.Errorf("connections %+v, %d users", v.Connections, v.Users)
	}
	if v.Rates.Messages != 1 || v.Rates.Deliveries != float64(stats.Deliveries) || v.Rates.Closes != 1 {
		t.Errorf("%+v", v.Rates)
	}
	if len(v.Closes) != 1 || v.Closes[0].Reason != "gone" || len(v.Reactors) != 2 || v.Handshake.P99 == nil || v.Storm.State != stats.Storm.State {
		t.Errorf("%+v", v)
	}
	if v.Viewers.Limit != 1 || string(v.Health) != `{"status":"ok"}` || v.Drain != nil {
		t.Errorf("viewers %+v, health %s", v.Viewers, v.Health)
	}
	if h := w.server.Views.History(); len(h.Seconds) != 2 || h.Admitted[1] != 2 || h.Live[1] != 1 {
		t.Errorf("%+v", h)
	}
	w.server.StartDrain()
	w.net.Advance(time.Second)
	if v := w.server.Views.Last(); v.Drain == nil || v.Drain.Sessions != 1 || v.Drain.Remaining != w.server.Stats().Drain.Remaining {
		t.Errorf("the drain is %+v", v.Drain)
	}
}

// BenchmarkReading is a reading of the counters: with BenchmarkNext of server/view, the cost of a second without viewers.
func BenchmarkReading(b *testing.B) {
	w := newWorld(b, 1, func(o *Options) { o.Reactors = 2 })
	b.ReportAllocs()
	for b.Loop() {
		_ = readingOf(w.server, time.Second)
	}
}
