package server

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/server/directory"
)

// TestEndsWhileTheDirectoryIsAsked has the node end handshakes that the directory still has, in every way there is:
// their clients get an answer, and the directory's later answer finds no session and gives the connection slot back.
func TestEndsWhileTheDirectoryIsAsked(t *testing.T) {
	for _, tt := range []struct {
		name, status string
		end          func(*world, *client)
	}{
		{"drain", "503 draining", func(w *world, _ *client) {
			w.server.StartDrain()
			w.net.Settle()
		}},
		{"out of memory", "503 memory", func(w *world, c *client) {
			c.Send(bytes.Repeat([]byte{'a'}, 60<<10))
			w.net.Settle()
		}},
		{"too late", "503 busy", func(w *world, _ *client) { w.net.Advance(HandshakeTimeout + netpoll.TickLength) }},
		{"cut off", "", func(w *world, _ *client) {
			w.server.group.PostAll(netpoll.Post{Op: opCutOff}, nil)
			w.net.Settle()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoster()
			w := newWorld(t, 1, func(o *Options) { o.Reactors, o.Directory, o.MaxHeldBytes = 1, r, 64<<10 })
			alice := w.join("alice")
			if len(r.asked) != 1 {
				t.Fatalf("%d questions", len(r.asked))
			}
			tt.end(w, alice)
			status, code, _ := strings.Cut(tt.status, " ")
			if answer := string(alice.Received()); !strings.Contains(answer, status) || !strings.Contains(answer, code) || status == "" && answer != "" {
				t.Errorf("answered %q", answer)
			}
			next := w.dial("") // takes the slot, as soon as it is free
			w.net.Advance(2 * time.Second)
			r.asked[0].to.Answer(directory.User{ID: r.asked[0].id, Standing: directory.Active}, nil)
			w.net.Settle()
			if got := next.Received(); len(got) != 0 {
				t.Errorf("another client got %q", got)
			}
			if w.server.sessionsNow() != 0 || w.server.slots.Taken() != 0 {
				t.Errorf("%d are live, %d connection slots are taken", w.server.sessionsNow(), w.server.slots.Taken())
			}
			if err := w.audit(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDrainWaitsForHandshakesUnderWay: with no live session a drain is over at once, and the process with it.
func TestDrainWaitsForHandshakesUnderWay(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.Directory = 1, newRoster() })
	alice := w.join("alice")
	w.server.StartDrain()
	w.net.Settle()
	w.net.Advance(netpoll.TickLength)
	if !w.server.Stats().Drain.Over {
		t.Error("the drain goes on")
	}
	if got := string(alice.Received()); !strings.HasPrefix(got, "HTTP/1.1 503 ") || !strings.Contains(got, "Retry-After") {
		t.Errorf("answered %q", got)
	}
}
