package server

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"momentum/server/heavy"
)

// TestARowSaysHowAConnectionIs checks each figure.
func TestARowSaysHowAConnectionIs(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.HeartbeatInterval = 1, time.Hour })
	w.net.From = netip.MustParseAddr("203.0.113.9")
	w.net.Advance(time.Second)
	c := w.join("alice")
	began := w.net.Now().UTC()
	c.text(`{"message_type":"subscribe","data":{"topics":["news",{"topic":"sports","presence":true}]}}`)
	w.net.Advance(10 * time.Second)
	before := w.selected(ConnectionFilter{User: userID("alice")}, 1)[0]
	c.text(`{"message_type":"ping","data":"` + strings.Repeat("x", 4000) + `"}`)
	c.text(`no message`)
	w.net.Advance(2 * time.Second)
	r := w.heaviest(heavy.In, 10, 9)[0]
	in, out := r.BytesIn-before.BytesIn, r.BytesOut-before.BytesOut
	if r.UserID != userID("alice") || r.Username != "alice" || r.Address != "203.0.113.9" || !r.ConnectedAt.Equal(began) || r.Age != 12 || r.Silence != 2 || r.Topics != 2 || r.MessagesIn != 3 || r.Refused != 1 || in < 4000 || out < 4000 {
		t.Errorf("%+v", r)
	}
	// it is in the book since its accept, 12 s ago: two slots of 5 s, and 3 s of the present one
	if win := r.Window; win.Seconds != 12 || win.BytesIn != r.BytesIn || win.Refused != 1 || win.InRate != float64(r.BytesIn)/12 {
		t.Errorf("%+v", win)
	}
	if r.ID != before.ID || r.Ended != "" || r.Connection != "0/0.1" {
		t.Errorf("%+v", r)
	}
}

// TestAConnectionThatHasEndedIsListedWithItsReason is the purpose of the list: the slow connection is gone when one looks.
func TestAConnectionThatHasEndedIsListedWithItsReason(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 0 })
	alice, slow := w.join("alice"), w.join("slow")
	slow.Window = 0
	for range 30 {
		alice.text(fmt.Sprintf(`{"message_type":"text","data":"%060000d"}`, 0))
		w.net.Settle()
	}
	w.net.Advance(30 * time.Second)
	rows := w.heaviest(heavy.Queued, 60, 9)
	if len(rows) != 1 || rows[0].Ended != "slow" || rows[0].EndedAt == nil || rows[0].Username != "slow" || rows[0].Window.Queued < 900_000 || rows[0].Queued < 900_000 {
		t.Fatalf("%+v", rows)
	}
	if got := w.heaviest(heavy.Queued, 10, 9); len(got) != 0 {
		t.Errorf("in the last 10 s there were %+v", got)
	}
	if got := w.selected(ConnectionFilter{User: userID("slow")}, 9); len(got) != 0 {
		t.Errorf("it is one of the user's connections still: %+v", got)
	}
	w.net.Advance(40 * time.Second)
	if got := w.heaviest(heavy.Queued, 60, 9); len(got) != 0 {
		t.Errorf("after a minute there are %+v", got)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}
