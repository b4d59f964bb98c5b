package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/admit"
)

// TestDeadPeersAreFoundInTime has 200 peers disappear at different moments. Each must be closed within one interval and
// the timeout after its last frame, and none that still answers may be closed.
func TestDeadPeersAreFoundInTime(t *testing.T) {
	const interval, timeout = 25 * time.Second, 10 * time.Second
	w := newWorld(t, 3, nil)
	last := map[*client]time.Time{}
	for i := range 200 {
		c := w.join(fmt.Sprintf("user%d", i))
		last[c] = w.net.Now()
		w.net.Advance(100 * time.Millisecond)
	}
	alive := w.clients[:20] // these answer every ping for ever
	ended := map[*client]time.Time{}
	for range 1200 {
		w.net.Advance(netpoll.TickLength)
		for i, c := range w.clients {
			for _, line := range c.received() {
				switch {
				case line == "ping" && i < len(alive):
					c.Send(frame(10, nil))
				case line == "close 1001 no answer to a ping":
					ended[c] = w.net.Now()
				}
			}
		}
	}
	for i, c := range w.clients {
		at, closed := ended[c]
		switch {
		case i < len(alive) && closed:
			t.Errorf("%s answers, and was closed", c.name)
		case i >= len(alive) && !closed:
			t.Errorf("%s is dead, and was not closed", c.name)
		case closed && at.Sub(last[c]) > interval+timeout+2*netpoll.TickLength:
			t.Errorf("%s was closed %v after its last frame, want within %v", c.name, at.Sub(last[c]), interval+timeout)
		}
	}
}

// TestPingsAreSpread connects many clients at one instant: their pings must be spread over time, but several share a
// wake-up.
func TestPingsAreSpread(t *testing.T) {
	w := newWorld(t, 3, nil)
	for i := range 500 {
		w.join(fmt.Sprintf("user%d", i))
	}
	most, bunches := 0, 0
	for range 300 {
		w.net.Advance(netpoll.TickLength)
		pings := 0
		for _, c := range w.clients {
			for _, line := range c.received() {
				if line == "ping" {
					pings++
					c.Send(frame(10, nil))
				}
			}
		}
		most = max(most, pings)
		if pings > 0 {
			bunches++
		}
	}
	if most == 0 || most > 80 {
		t.Errorf("%d of 500 were pinged in one tick", most)
	}
	if bunches > 2*30 { // two reactors, 30 seconds
		t.Errorf("pings went out at %d moments, want one a second and reactor", bunches)
	}
}

// TestPingsWaitForABroadcast has a slow node, whose turns take a tick, send broadcasts while most of its clients are due to be
// pinged. For three seconds all pings wait. But each waits only once, so they stay spread, and none comes later than an interval after
// the client's last frame.
func TestPingsWaitForABroadcast(t *testing.T) {
	const members, interval = 600, 25 * time.Second
	w := newWorld(t, 3, func(o *Options) { o.Reactors = 1 })
	for i := range members {
		w.join(fmt.Sprintf("user%d", i))
	}
	began, pinged, most := w.net.Now(), 0, 0
	look := func() {
		before := pinged
		for _, c := range w.clients {
			for _, line := range c.received() {
				if line == "ping" {
					pinged++
				}
			}
		}
		most = max(most, pinged-before)
	}
	w.net.Advance(12 * time.Second)
	for tick := range 130 {
		if _, err := w.server.Broadcast("text", []byte(`1`)); err != nil {
			t.Fatal(err)
		}
		w.net.Step()
		w.net.Stop(netpoll.TickLength)
		if look(); tick < 30 && pinged > 0 {
			t.Fatalf("%d were pinged %v after the beginning", pinged, w.net.Now().Sub(began))
		}
	}
	for w.net.Now().Sub(began) < interval+2*netpoll.TickLength {
		w.net.Advance(netpoll.TickLength)
		look()
	}
	if pinged != members || most > members/4 {
		t.Errorf("%d of %d were pinged in an interval, up to %d in a tick", pinged, members, most)
	}
}

// TestNoPingWaitsUntilItIsLate asks at each tick of an interval, while a broadcast is under way.
func TestNoPingWaitsUntilItIsLate(t *testing.T) {
	w := newWorld(t, 3, func(o *Options) { o.Reactors = 1 })
	w.join("alice")
	sh := w.server.shards[0]
	s := sh.first()
	sh.fanout.Add([]byte("a frame"), nil, uuid.Nil, 1)
	for _, interval := range []uint32{2, 7, 8, 250, 36_000} {
		for silent := interval / 2; silent <= interval; silent++ {
			s.waited = false
			wait := max(1, interval/8)
			if sh.heartbeat.waits(s, silent, interval) != (silent+wait <= interval) {
				t.Fatalf("a ping after %d of %d ticks: waits %v", silent, interval, s.waited)
			}
		}
	}
	s.waited = true
	if sh.heartbeat.waits(s, 125, 250) || s.waited {
		t.Error("a ping waits twice")
	}
}

// TestConnectionTimeout tests WS_CONNECTION_TIMEOUT without heartbeats before it: any frame keeps a connection, bytes
// of an incomplete frame do not.
func TestConnectionTimeout(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.HeartbeatInterval, o.ConnectionTimeout = time.Hour, 60*time.Second })
	idle, busy, dripping := w.join("idle"), w.join("busy"), w.join("dripping")
	drip := frame(1, make([]byte, 100))
	for i := range 100 {
		w.net.Advance(time.Second)
		dripping.Send(drip[i : i+1]) // never a whole frame
		if i%30 == 0 {
			busy.Send(frame(10, nil))
		}
	}
	for c, want := range map[*client]bool{idle: true, dripping: true, busy: false} {
		closed := false
		for _, line := range c.received() {
			closed = closed || line == "close 1001 idle for too long"
		}
		if closed != want {
			t.Errorf("%s: closed for being idle: %v", c.name, closed)
		}
	}
}

// TestConnectionTimeoutBetweenHeartbeats has the idle timeout fall between a session's other deadlines.
func TestConnectionTimeoutBetweenHeartbeats(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.HeartbeatInterval, o.ConnectionTimeout = 60*time.Second, 20*time.Second })
	c := w.join("idle")
	w.net.Advance(12 * time.Second)
	c.Send(frame(10, nil)) // alive at 12 s, so idle at 32 s
	w.net.Advance(19 * time.Second)
	if w.server.sessionsNow() != 1 {
		t.Fatal("closed before the timeout")
	}
	w.net.Advance(2 * time.Second)
	if w.server.sessionsNow() != 0 {
		t.Fatal("not closed after the timeout")
	}
}

// TestAStalledNodeReadsBeforeItCloses stops the process for longer than the heartbeat's timeout while pongs wait in the
// sockets: they count.
func TestAStalledNodeReadsBeforeItCloses(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	c := w.join("alice")
	for received := c.received(); len(received) == 0 || received[len(received)-1] != "ping"; received = c.received() {
		w.net.Advance(netpoll.TickLength)
	}
	w.net.Stop(20 * time.Second)
	w.net.Step() // the turn that sees the clock
	c.Send(frame(10, nil))
	w.net.Settle()
	if w.server.sessionsNow() != 1 {
		t.Error("a peer that had answered was closed after a stall")
	}
}

// TestStallIsNoReasonToClose stops the process for a minute and has it read before its first turn after that. The bytes
// that it reads count as of now, not as of a minute ago.
func TestStallIsNoReasonToClose(t *testing.T) {
	const stall = time.Minute
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.RateLimit, o.ConnectionTimeout, o.HeartbeatInterval = 1, 10, 30*time.Second, time.Hour
	})
	alice, pinger, half := w.join("alice"), w.join("pinger"), w.dial("half")
	request := upgradeRequest(w.token("half"))
	half.Send(request[:40])
	for range 2 * admit.BurstSeconds * 10 { // all credit is spent, and half of the refusals that are allowed
		alice.text(`{"id":"m","message_type":"text"}`)
		if alice.Closed {
			t.Fatal("closed too soon: this test shows nothing")
		}
		if w.server.Stats().RateLimited == 5 {
			break
		}
	}
	w.net.Stop(stall)
	late := w.dial("late")
	for range 20 {
		alice.text(`{"id":"m","message_type":"text"}`) // a burst, as a minute of silence allows
	}
	pinger.Send(frame(9, nil))
	sweep := w.server.startSweep(0)
	w.net.Step()
	late.Send(upgradeRequest(w.token("late")))
	w.net.Settle()
	if stats := w.server.Stats(); stats.RateLimited != 5 {
		t.Errorf("%d messages more than before were refused, though a minute had passed", stats.RateLimited-5)
	}
	if received := late.received(); len(received) == 0 || received[0] != "101" {
		t.Errorf("a client that came when the process went on received %q", received)
	}
	if received := half.received(); len(received) == 0 || !strings.HasPrefix(received[0], "408 ") {
		t.Errorf("a handshake a minute old received %q", received)
	}
	if w.server.sessionsNow() != 3 || sweep.closed.Load() != 0 {
		t.Errorf("%d sessions are left, want 3; the sweep closed %d", w.server.sessionsNow(), sweep.closed.Load())
	}
}
