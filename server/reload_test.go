package server

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"momentum/netpoll"
)

// told gives the node other rules, and lets the reactors apply them.
func (w *world) told(change func(*Rules)) {
	r := *w.server.rules.Load()
	change(&r)
	w.server.startReload(r)
	w.net.Settle()
}

func TestReloadChangesWhatClientsMaySend(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, bob := w.join("alice"), w.join("bob")
	alice.received()
	const ping = `{"id":"00000000-0000-4000-8000-000000000001","message_type":"ping","data":{},"timestamp":"2024-01-01T00:00:00Z"}`
	w.told(func(r *Rules) { r.RateLimit = 1 })
	for range 3 {
		alice.text(ping)
	}
	w.net.Settle()
	received := alice.received()
	if len(received) != 3 || !strings.Contains(received[1], "pong") || !strings.Contains(received[2], "rate_limited") {
		t.Errorf("at one message a second, a burst of two: %q", received)
	}
	w.told(func(r *Rules) { r.RateLimit, r.MaxMessageBytes = 0, 1024 })
	bob.received()
	bob.text(`"` + strings.Repeat("x", 2000) + `"`)
	w.net.Settle()
	if received := bob.received(); len(received) != 2 || !strings.HasPrefix(received[0], "close 1009") {
		t.Errorf("2,000 bytes where 1,024 are allowed: %q", received)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestReloadChangesTheConnectionLimits lowers each limit below the present numbers: no connection is closed, no other is
// admitted, and the audit finds nothing wrong after all have left.
func TestReloadChangesTheConnectionLimits(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Rules)
		want   string
	}{
		{"connections", func(r *Rules) { r.MaxConnections = 2 }, "503"},
		{"of a user", func(r *Rules) { r.MaxPerUser = 2 }, "429"},
		{"of an address", func(r *Rules) { r.MaxPerAddress = 1 }, "429"},
		{"origins", func(r *Rules) { r.Origins = []string{"https://chat.example"} }, "403"},
		{"handshakes", func(r *Rules) { r.HandshakeRate = 1 }, "503"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, 1, func(o *Options) { o.Reactors, o.MaxPerAddress = 1, 100 })
			for range 3 {
				w.join("alice").received()
			}
			was := *w.server.rules.Load()
			w.told(tt.change)
			crowd := w.arrivals("alice", 4)
			if got := answers(crowd); got[tt.want] == 0 {
				t.Errorf("after the reload %v, want some refused with %s", got, tt.want)
			}
			w.told(func(r *Rules) { *r = was })
			w.net.Advance(time.Second)
			if got := answers(w.arrivals("alice", 4)); got["101"] != 4 {
				t.Errorf("with the old rules again %v, want all in", got)
			}
			for _, c := range w.clients[:3] {
				if c.Closed || c.EOF {
					t.Error("an earlier connection was closed")
				}
			}
			for _, c := range w.clients {
				c.Reset()
			}
			w.net.Advance(10 * time.Second)
			if err := w.audit(); err != nil {
				t.Error(err)
			}
		})
	}
}

// arrivals has a page of another site connect n times as one user.
func (w *world) arrivals(name string, n int) []*client {
	request := strings.Replace(string(upgradeRequest(w.token(name))), "\r\n\r\n", "\r\nOrigin: http://localhost\r\n\r\n", 1)
	all := make([]*client, n)
	for i := range all {
		all[i] = w.dial(name)
		all[i].Send([]byte(request))
	}
	w.net.Settle()
	return all
}

// TestReloadOfAddressesKeepsTheCounts begins to count addresses while clients are connected, and stops again.
func TestReloadOfAddressesKeepsTheCounts(t *testing.T) {
	w := newWorld(t, 1, nil)
	first := w.join("alice")
	w.told(func(r *Rules) {
		r.MaxPerAddress, r.TrustedProxies = 5, []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	})
	second := w.join("bob")
	w.told(func(r *Rules) { r.MaxPerAddress = 0 })
	w.join("carol")
	for _, c := range []*client{second, first} {
		c.Reset()
		w.net.Advance(time.Second)
		if err := w.audit(); err != nil {
			t.Error(err)
		}
	}
	if n := w.server.addresses.Count(); n != 0 {
		t.Errorf("%d sockets are still counted", n)
	}
}

// TestALiftedRateAdmitsTheQueue lifts the handshake rate, and sets it again: neither queued handshakes nor new
// ones are forgotten.
func TestALiftedRateAdmitsTheQueue(t *testing.T) {
	w := limited(t)
	crowd := w.arrive(names("user", 20)...)
	w.told(func(r *Rules) { r.HandshakeRate = 0 })
	crowd = append(crowd, w.arrive(names("more", 20)...)...)
	w.net.Advance(netpoll.TickLength)
	if got := answers(crowd); got["101"] != 40 {
		t.Errorf("%v, want all in", got)
	}
	w.told(func(r *Rules) { r.HandshakeRate = 100 })
	if got := answers(w.arrive(names("last", 30)...)); got["101"] != 10 || got[""] != 10 {
		t.Errorf("with a limit again %v, want ten in and ten waiting", got)
	}
	w.net.Advance(time.Second)
	if l := &w.server.shards[0].handshakes.limiter; l.Entered() != 0 {
		t.Errorf("%d entered at rest", l.Entered())
	}
}

// TestHeartbeatsFollowAReload: a silent peer is found by the new times after its old heartbeat has come.
func TestHeartbeatsFollowAReload(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice := w.join("alice")
	w.told(func(r *Rules) { r.HeartbeatInterval, r.HeartbeatTimeout = 2*time.Second, time.Second })
	w.net.Advance(25 * time.Second)
	w.net.Advance(time.Second)
	received := strings.Join(alice.received(), "\n")
	if !strings.Contains(received, "ping\nclose 1001 no answer to a ping") {
		t.Errorf("%q", received)
	}
}

// TestReloadUnderLoad changes the rules all the time while clients connect, send and leave on real reactors. It is for
// the race detector. No client may lose a connection, and the audit must find nothing wrong.
func TestReloadUnderLoad(t *testing.T) {
	n := startReal(t, realOptions())
	stop := make(chan struct{})
	var reloads, clients sync.WaitGroup
	reloads.Go(func() {
		r := *n.rules.Load()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			r.RateLimit, r.MaxPerUser, r.MaxPerAddress, r.HandshakeRate = 1000+i%7, 10+i%3, (i%2)*1000, (i%3)*500_000
			r.Origins, r.HeartbeatInterval = []string{fmt.Sprintf("https://%d.example", i)}, time.Duration(20+i%5)*time.Second
			if err := n.Reload(t.Context(), r); err != nil {
				t.Error(err)
			}
			n.Stats()
		}
	})
	const ping = `{"id":"00000000-0000-4000-8000-000000000001","message_type":"ping","data":{},"timestamp":"2024-01-01T00:00:00Z"}`
	for i := range 8 {
		clients.Go(func() {
			for range 10 {
				w, err := join(n.addr, realToken(t, fmt.Sprint("user", i)))
				if err != nil {
					t.Error(err)
					return
				}
				for range 5 {
					if err := w.say(ping); err != nil {
						t.Error(err)
					}
					if _, err := w.until("pong"); err != nil {
						t.Error(err)
					}
				}
				w.Close()
			}
		})
	}
	clients.Wait()
	close(stop)
	reloads.Wait()
	eventually(t, "all have gone and the books agree", func() bool {
		return n.Stats().Sockets == 0 && n.Audit(t.Context()) == nil
	})
}
