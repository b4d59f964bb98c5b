package server

import (
	"fmt"
	"testing"
	"time"

	"momentum/server/heavy"
)

// TestOrdinaryReceiversOfABroadcastAreNotLookedAt sends the same broadcasts to 1,000 sessions: after the first hundred are listed, the
// others have too few bytes to enter the book.
func TestOrdinaryReceiversOfABroadcastAreNotLookedAt(t *testing.T) {
	const listeners = 1000
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	for i := range listeners {
		w.join(fmt.Sprint("listener", i))
	}
	sh := w.shards()[0]
	w.net.Advance(2 * time.Minute)
	for range 20 {
		if _, err := w.server.Broadcast("text", []byte(`"to all"`)); err != nil {
			t.Fatal(err)
		}
		w.net.Settle()
	}
	if n := sh.heavy.Live(); n > 2*heavy.Listed {
		t.Errorf("%d of %d that have all got the same are in the book", n, listeners)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestBytesAfterAQuietTimeBelongToTheirSlot: a reactor without work has no turn, and so begins no slot.
func TestBytesAfterAQuietTimeBelongToTheirSlot(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.HeartbeatInterval, o.ConnectionTimeout = 1, time.Hour, 2*time.Hour })
	alice := w.join("alice")
	w.net.Stop(30 * time.Minute)
	alice.text(`{"message_type":"ping"}`)
	rows := w.heaviest(heavy.In, 10, 9)
	if len(rows) != 1 || rows[0].Window.BytesIn != 29 || rows[0].Window.Seconds > 15 {
		t.Errorf("%+v", rows)
	}
}

// BenchmarkWeigh is one write to each of 15,000 sessions that have all got the same: it shows what the book adds to a delivery.
func BenchmarkWeigh(b *testing.B) {
	w := newWorld(b, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	for i := range 15_000 {
		w.net.Dial().Send(upgradeRequest(w.token(fmt.Sprint(i))))
		if i%256 == 255 {
			w.net.Settle()
		}
	}
	w.net.Settle()
	var all []*session
	for s := range w.shards()[0].sessions.live() {
		all = append(all, s)
	}
	for name, weigh := range map[string]bool{"with": true, "without": false} {
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				s := all[i%len(all)]
				s.traffic.sent += 128
				s.traffic.delivered++
				if weigh {
					s.weigh(128)
				}
			}
		})
	}
}
