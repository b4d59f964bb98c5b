package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
)

// catchingUp has bob miss 420 kB of topics, or 480 kB of direct messages, and get them with a socket that takes nothing.
func catchingUp(t *testing.T, direct bool) (w *world, bob *client) {
	w = newWorld(t, 1, func(o *Options) {
		o.RateLimit, o.Reactors, o.NewID, o.HeartbeatInterval, o.History.Bytes = 0, 1, newIDs(), time.Hour, 512<<10
	})
	var topics []string
	for i := range 7 {
		topics = append(topics, fmt.Sprintf(`{"topic":"topic%d","seq":0}`, i))
	}
	subscribe := `{"message_type":"subscribe","data":{"topics":[` + strings.Join(topics, ",") + `]}}`
	w.join("alice").text(subscribe)
	w.join("bob").HangUp() // direct messages are kept for a user that was here
	w.net.Settle()
	text := json.RawMessage(fmt.Sprintf(`"%060000d"`, 1))
	for i := range 8 {
		if direct {
			_, _ = w.server.Send(userID("bob"), "text", text)
		} else if _, err := w.server.Publish(fmt.Sprint("topic", i), "text", text); err != nil {
			t.Fatal(err)
		}
		w.net.Settle()
	}
	bob = w.dial("bob")
	bob.Window = 0
	if direct {
		bob.Send(upgradeRequest(w.token("bob") + "&resume=" + w.server.epoch + ".0.0"))
	} else {
		bob.Send(upgradeRequest(w.token("bob")))
		bob.text(subscribe)
	}
	w.net.Settle()
	return w, bob
}

// TestMissedMessagesAloneMakeNoClientSlow has a client take a few of its missed messages, a byte in nine seconds, or nothing. Only the last
// one is slow, and one that takes less than comes for it.
func TestMissedMessagesAloneMakeNoClientSlow(t *testing.T) {
	grace := time.Duration(netpoll.DefaultOutbound.GraceTick) * netpoll.TickLength
	for _, tt := range []struct {
		window, live int
		want         uint64
	}{{20_000, 0, 0}, {1, 0, 0}, {0, 0, 1}, {20_000, 30_000, 1}} {
		for _, direct := range []bool{false, true} {
			w, bob := catchingUp(t, direct)
			for range 5 {
				bob.Open(tt.window)
				w.net.Advance(time.Second) // the queue is looked at in between: it is shorter then
				if tt.live > 0 {
					_, _ = w.server.Send(userID("bob"), "text", json.RawMessage(fmt.Sprintf(`"%0*d"`, tt.live, 1)))
				}
				w.net.Advance(grace - 2*time.Second)
			}
			if closed := w.server.Stats().Closed["slow"]; closed != tt.want {
				t.Errorf("a client that takes %d bytes in 9 s, while %d come, of missed messages (direct: %v): %d are closed as slow", tt.window, tt.live, direct, closed)
			}
			bob.Open(1 << 20)
			w.net.Advance(time.Second)
			if left := len(w.shards()[0].catchups.list); left > 0 {
				t.Errorf("%d clients still catch up", left)
			}
			if err := w.audit(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestFurtherMissedMessagesCountAsTheFirst has a client that catches up miss 60 kB again.
func TestFurtherMissedMessagesCountAsTheFirst(t *testing.T) {
	w, bob := catchingUp(t, false)
	bob.Open(20_000)
	w.net.Advance(time.Second)
	bob.text(`{"message_type":"subscribe","data":{"topics":[{"topic":"topic0","seq":0}]}}`)
	for range 5 {
		bob.Open(1)
		w.net.Advance(9 * time.Second)
	}
	if closed := w.server.Stats().Closed["slow"]; closed != 0 {
		t.Errorf("%d are closed as slow", closed)
	}
}

// TestAReplayOfLongMessagesMakesNoClientSlow has a client take 20 kB/s that has missed more in a write than the soft limit: the grace
// is too short for the excess, in the first write as in those of a replay.
func TestAReplayOfLongMessagesMakesNoClientSlow(t *testing.T) {
	long := json.RawMessage(fmt.Sprintf(`"%0500000d"`, 1))
	for name, post := range map[string]func(s *Server) (direct int){
		"broadcasts": func(s *Server) int {
			_, _ = s.Broadcast("text", long)
			_, _ = s.Broadcast("text", long)
			return 0
		},
		"a direct message": func(s *Server) int {
			_, _ = s.Send(userID("bob"), "text", long)
			return 1
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, bob := longReplay(t, func(o *Options) {
				o.MaxMessageBytes, o.History.Bytes, o.HeartbeatInterval = 512<<10, 512<<10, time.Hour
			})
			bob.now.HangUp()
			w.net.Advance(time.Second)
			direct := post(w.server)
			bob.broadcast = 40
			bob.connect()
			bob.now.Window = 0
			w.net.Settle()
			for range 600 {
				bob.now.Open(2_000)
				w.net.Advance(netpoll.TickLength)
				bob.read()
			}
			closed, replays := w.server.Stats().Closed["slow"], len(w.shards()[0].replays.list)
			if closed != 0 || replays != 0 || len(bob.had) != 2-direct || int(bob.direct) != direct {
				t.Errorf("%d are closed as slow; %d replays are left, and the client has %d messages", closed, replays, len(bob.had))
			}
			if err := w.audit(); err != nil {
				t.Error(err)
			}
		})
	}
}
