package server

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"momentum/server/ends"
	"momentum/server/reason"
)

// endsOf returns what a search finds on the node.
func (w *world) endsOf(q endQuestion) page[EndRow] {
	w.t.Helper()
	done := make(chan page[EndRow], 1)
	go func() {
		p, err := w.server.Ends(context.Background(), q)
		if err != nil {
			w.t.Error(err)
		}
		done <- p
	}()
	for {
		select {
		case p := <-done:
			return p
		default:
			w.net.Settle()
		}
	}
}

// lastEnd returns the newest end.
func (w *world) lastEnd() EndRow {
	w.t.Helper()
	p := w.endsOf(endQuestion{Limit: 1})
	if len(p.Rows) == 0 {
		w.t.Fatal("nothing has ended")
	}
	return p.Rows[0]
}

// TestAnEndSaysHowTheConnectionWas: the client has sent a message and got two, and was silent for a while.
func TestAnEndSaysHowTheConnectionWas(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.HeartbeatInterval = time.Hour })
	w.net.From = netip.MustParseAddr("203.0.113.9")
	alice, bob := w.join("alice"), w.join("bob")
	alice.text(`{"message_type":"ping"}`)
	w.net.Advance(2 * time.Second)
	bob.text(fmt.Sprintf(`{"message_type":"text","data":1,"to_user_id":%q}`, userID("alice")))
	bob.text(`{"message_type":"text","data":2}`)
	w.net.Advance(3 * time.Second)
	at := w.net.Now().UTC().Truncate(time.Microsecond)
	alice.HangUp()
	w.net.Settle()
	e := w.lastEnd()
	if e.Kind != ends.Session || e.Reason != "gone" || e.Code != 1006 || e.Side != ends.Network || *e.UserID != userID("alice") || e.Address != "203.0.113.9" || !e.At.Equal(at) {
		t.Errorf("%+v", e)
	}
	// the text to all, the one to alice, and the arrival of bob
	if e.MessagesIn != 1 || e.Delivered != 3 || e.Age != 5 || e.Silence != 5 || e.BytesIn < 300 || e.BytesOut < 400 {
		t.Errorf("%d messages in and %d out, %v s old, silent for %v s, %d bytes in and %d out", e.MessagesIn, e.Delivered, e.Age, e.Silence, e.BytesIn, e.BytesOut)
	}
}

func TestAnEndHasTheRoundTripOfTheLastPing(t *testing.T) {
	w := newWorld(t, 1, nil)
	c := w.join("alice")
	w.net.Advance(25 * time.Second) // pinged by now
	for range 10 {
		w.net.Advance(100 * time.Millisecond)
	}
	c.Send(frame(10, nil))
	w.net.Settle()
	c.Send(frame(8, []byte{3, 232}))
	w.net.Settle()
	if e := w.lastEnd(); e.RoundTrip < 1 || e.Reason != "peer_closed" || e.Code != 1000 || e.Side != ends.Client {
		t.Errorf("%+v", e)
	}
}

// TestRefusedHandshakesAreRecorded: with the user if the token was valid, and without if not.
func TestRefusedHandshakesAreRecorded(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.MaxPerUser = 1 })
	w.join("alice")
	w.join("alice")
	e := w.lastEnd()
	if e.Kind != ends.Handshake || e.Reason != "user_full" || e.Code != 429 || e.UserID == nil || *e.UserID != userID("alice") || e.Username != "alice" || e.BytesOut == 0 {
		t.Errorf("%+v", e)
	}
	w.net.Advance(time.Second)
	w.dial("eve").Send(upgradeRequest("no.to.ken"))
	w.net.Settle()
	if e := w.lastEnd(); e.Reason != "token" || e.Code != 401 || e.UserID != nil {
		t.Errorf("%+v", e)
	}
	w.net.Advance(time.Second)
	gone := w.dial("gone")
	gone.Send(upgradeRequest(w.token("gone"))[:20])
	w.net.Settle()
	gone.HangUp()
	w.net.Settle()
	if e := w.lastEnd(); e.Reason != "early" || e.Kind != ends.Handshake || e.Code != 0 || e.BytesIn != 20 {
		t.Errorf("%+v", e)
	}
}

// TestInquiriesAreNotRecorded: they open nothing.
func TestInquiriesAreNotRecorded(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.dial("page").Send([]byte("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	w.net.Settle()
	if p := w.endsOf(endQuestion{Limit: 9}); p.Total != 0 || w.server.Stats().Inquiries["token"] != 1 {
		t.Errorf("%+v", p.Rows)
	}
}

// TestAnEndIsRecordedWithoutAllocation also holds for a session that is in the book of the heaviest connections.
func TestAnEndIsRecordedWithoutAllocation(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	w.join("alice")
	sh := w.shards()[0]
	for s := range sh.sessions.live() {
		if n := testing.AllocsPerRun(100, func() {
			s.traffic.sent += 1000
			s.weigh(1000) // enters the book, which a record leaves
			sh.record(s, s.user.ID, reason.ClosedGone, 1006)
		}); n != 0 {
			t.Errorf("a record allocates %v objects", n)
		}
	}
}

// BenchmarkRecord records the end of a live session: at most 100 ns and no allocation.
func BenchmarkRecord(b *testing.B) {
	w := newWorld(b, 1, func(o *Options) { o.Reactors = 1 })
	w.join("alice")
	sh := w.shards()[0]
	for s := range sh.sessions.live() {
		b.ReportAllocs()
		for b.Loop() {
			sh.record(s, s.user.ID, reason.ClosedGone, 1006)
		}
	}
}
