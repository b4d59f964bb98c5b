package server

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestDirectMessageDuringABurstClosesNoReader has two readers that take four segments between any two turns, while 3 MB
// go to everybody. One of them gets a message of its own after that: it stays, and gets that message last.
func TestDirectMessageDuringABurstClosesNoReader(t *testing.T) {
	const burst = 50
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.RateLimit = 1, 0 })
	addressee, other := w.join("addressee"), w.join("other")
	crowd := make([]*client, 600) // so that a pass takes more than one turn
	for i := range crowd {
		crowd[i] = w.join(fmt.Sprint("crowd", i))
		crowd[i].Forgets = true
	}
	sender := w.join("sender")
	readers := []*client{addressee, other}
	for _, c := range readers {
		c.received()
	}
	big := `{"message_type":"text","data":"` + strings.Repeat("x", 60000) + `"}`
	for range burst {
		sender.text(big)
	}
	sender.text(`{"message_type":"text","data":"psst","to_user_id":"` + userID("addressee").String() + `"}`)
	for w.net.Step() {
		for _, c := range readers {
			c.Window = 512 << 10
		}
	}
	for i, c := range readers {
		c.Window = 64 << 20
		w.net.Advance(time.Second)
		received := c.received()
		if c.EOF || c.Closed {
			t.Fatalf("reader %d is closed: %.80q", i, received[len(received)-1])
		}
		received = dropPresence(received)
		if want := burst + 1 - i; len(received) != want {
			t.Errorf("reader %d received %d messages, want %d", i, len(received), want)
		}
		if last := received[len(received)-1]; (i == 0) != strings.Contains(last, "psst") {
			t.Errorf("reader %d received last %.80q", i, last)
		}
	}
}

func dropPresence(lines []string) (kept []string) {
	for _, line := range lines {
		if !strings.Contains(line, `"message_type":"presence"`) && !strings.Contains(line, `"message_type":"user_joined"`) {
			kept = append(kept, line)
		}
	}
	return kept
}
