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

// BenchmarkWeigh reports what the book of the heaviest connections adds to a write of a broadcast to 15,000 sessions, which have all got the same.
// The same writes are made with the book and without, by turns. A delivery takes at least the kernel's part of its write; the book may
// take a hundredth of that.
func BenchmarkWeigh(b *testing.B) {
	w := newWorld(b, 1, func(o *Options) { o.Reactors, o.NewID = 1, newIDs() })
	for i := range 15_000 {
		p := w.net.Dial()
		p.Send(upgradeRequest(w.token(fmt.Sprint(i))))
		p.Forgets = true
		if i%256 == 255 {
			w.net.Settle()
		}
	}
	w.net.Settle()
	reportWeighs(b, inNoOrder(w))
}

// reportWeighs writes what a broadcast of usual size is to sessions, with the book and without.
func reportWeighs(b *testing.B, all []*session) {
	const bytes, items, rounds = 235, 1000, 250
	frame, next := make([]byte, bytes), 0
	turn := func(weigh bool) func() {
		return func() {
			for range items {
				s := all[next%len(all)]
				next++
				s.traffic.sent += bytes
				s.traffic.delivered++
				s.conn.Send(frame)
				if weigh {
					s.weigh(bytes)
				}
			}
		}
	}
	b.Run("book", func(b *testing.B) {
		c := compare(rounds, items, turn(true), turn(false))
		kernel := timeWrites(b, bytes)
		b.ReportMetric(kernel, "ns/kernel-write")
		b.ReportMetric(100*c.report(b, "write", "book")/kernel, "%-of-delivery")
	})
}
