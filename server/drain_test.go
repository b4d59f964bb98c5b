package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
)

// TestDrainDeliversWhatWasPosted has more in the mailbox than one turn applies when the first share of closes is due:
// all of it is delivered before the closes.
func TestDrainDeliversWhatWasPosted(t *testing.T) {
	const messages = netpoll.PostBudget + 100
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.RateLimit = 1, 0 })
	alice, bob := w.join("alice"), w.join("bob")
	alice.received()
	bob.received()
	w.server.StartDrain()
	w.net.Settle()
	for i := range messages {
		alice.text(`{"id":"` + strconv.Itoa(i) + `","message_type":"text","data":1}`)
	}
	w.net.Jump(netpoll.TickLength) // they are read before the turn that sees the clock
	taken := int(w.server.Stats().MessagesIn)
	if taken <= netpoll.PostBudget {
		t.Fatalf("%d messages were taken, which one turn applies: this test shows nothing", taken)
	}
	received := bob.received()
	if len(received) != taken+1 || !strings.HasPrefix(received[len(received)-1], "close 1012") {
		t.Errorf("of %d messages taken, bob received %d, then %q", taken, len(received)-1, received[len(received)-1])
	}
}

// TestDrainCutsOffAtItsEnd has a client that does not read its queued messages, and one that answers its close frame.
func TestDrainCutsOffAtItsEnd(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.DrainWindow = 4 * time.Second })
	alice, deaf := w.join("alice"), w.join("deaf")
	deaf.Window = 0
	w.net.Advance(time.Second)
	first := w.server.StartDrain()
	if again := w.server.StartDrain(); first != again || first.Sessions != 2 || first.SecondsLeft != 4 || first.Over {
		t.Errorf("begun with %+v, then %+v", first, again)
	}
	w.net.Settle() // the reactors begin before the tick in which they tell their clients
	w.net.Advance(netpoll.TickLength)
	alice.Send(frame(8, []byte{3, 244}))
	w.net.Advance(2 * time.Second)
	if now := w.server.Stats().Drain; now.Closed != 2 || now.Remaining != 1 || now.SecondsLeft != 1.9 || now.Over {
		t.Errorf("half of it over: %+v", now)
	}
	w.net.Advance(2 * time.Second)
	err := w.server.Drain(context.Background())
	if err == nil || !strings.Contains(err.Error(), "1 connections did not go within 4s") {
		t.Errorf("with one left the drain ends with %v", err)
	}
	if !deaf.Closed {
		t.Error("the client that stayed was not cut off")
	}
	if now := w.server.Stats().Drain; now.Remaining != 0 || !now.Over {
		t.Errorf("after it: %+v", now)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestDrainIsOverWithTheLastAnswer: a client that keeps its socket open after both close frames does not delay a drain,
// and one that does not answer has drainAnswer to do so.
func TestDrainIsOverWithTheLastAnswer(t *testing.T) {
	closeFrame := frame(8, []byte{3, 244})
	for _, tt := range []struct {
		name   string
		before func(*client)
		after  func(*client)
		within time.Duration
	}{
		{"answers", func(*client) {}, func(c *client) { c.Send(closeFrame) }, 0},
		{"has closed first", func(c *client) { c.Send(closeFrame) }, func(*client) {}, 0},
		{"is silent", func(*client) {}, func(*client) {}, drainAnswer},
		{"goes on sending", func(*client) {}, func(c *client) { c.text(`{"id":"1","message_type":"ping"}`) }, drainAnswer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, 1, func(o *Options) { o.DrainWindow = 20 * time.Second })
			alice := w.join("alice")
			w.server.StartDrain()
			w.net.Settle()
			tt.before(alice)
			w.net.Advance(netpoll.TickLength)
			tt.after(alice)
			w.net.Settle()
			if !strings.Contains(strings.Join(alice.received(), " "), " close 10") {
				t.Error("no close frame has come")
			}
			if tt.within > 0 {
				w.net.Advance(tt.within - 2*netpoll.TickLength)
				if w.server.Stats().Drain.Over {
					t.Error("the drain is over too early")
				}
			}
			w.net.Advance(3 * netpoll.TickLength)
			if now := w.server.Stats().Drain; !now.Over || !alice.Closed {
				t.Errorf("the drain goes on: %+v", now)
			}
			if err := w.audit(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestClientsReturnAfterTheLastCloseOfADrain has more clients on one reactor than on the other: those of both are told to
// return 1 to admit.MaxRetryAfter seconds after the last client is told, which is long before the end of the window.
func TestClientsReturnAfterTheLastCloseOfADrain(t *testing.T) {
	for _, crowd := range [][2]int{{2, 1}, {3, 100 * drainBatch}, {50 * drainBatch, 0}} {
		w := newWorld(t, 1, func(o *Options) { o.DrainWindow = 5 * time.Minute })
		for reactor, n := range crowd {
			for i := range n {
				c := &client{Peer: w.net.DialTo(reactor)}
				w.clients = append(w.clients, c)
				c.Send(upgradeRequest(w.token(fmt.Sprint(reactor, i))))
				w.net.Settle()
			}
		}
		w.server.StartDrain()
		var last int // tick of the drain in which the last client was told
		type hint struct{ tick, seconds int }
		var hints []hint
		for tick := 1; len(hints) < len(w.clients) && tick < 1000; tick++ {
			w.net.Advance(netpoll.TickLength)
			for _, c := range w.clients {
				for _, line := range c.received() {
					var seconds int
					if _, err := fmt.Sscanf(line, "close 1012 the node is restarting; reconnect in %d s", &seconds); err == nil {
						hints, last = append(hints, hint{tick, seconds}), tick
					}
				}
			}
		}
		for _, h := range hints {
			least := (last-h.tick+ticksPerSecond-1)/ticksPerSecond + 1
			if h.seconds < least || h.seconds >= least+admit.MaxRetryAfter {
				t.Errorf("%v clients: told in tick %d of %d to come back in %d s, want %d to %d", crowd, h.tick, last, h.seconds, least, least+admit.MaxRetryAfter-1)
			}
		}
		if len(hints) != len(w.clients) {
			t.Errorf("%v clients: %d of %d were told", crowd, len(hints), len(w.clients))
		}
	}
}

// TestDrainSpreadsReconnections closes many clients at an even rate and tells them different times.
func TestDrainSpreadsReconnections(t *testing.T) {
	const crowd = 2800
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.DrainWindow = 1, 20*time.Second })
	for i := range crowd {
		w.join("user " + strconv.Itoa(i))
	}
	w.server.StartDrain()
	w.net.Advance(drainSpread(w.options.DrainWindow) / 2)
	if closed := w.server.Stats().Drain.Closed; closed < crowd/2-20 || closed > crowd/2+20 {
		t.Errorf("at half of the time %d of %d are closed", closed, crowd)
	}
	w.net.Advance(drainSpread(w.options.DrainWindow) / 2)
	back := map[int]int{} // clients by the earliest second of the drain in which they may return
	for _, c := range w.clients {
		for _, line := range c.received() {
			if text, ok := strings.CutPrefix(line, "close 1012 the node is restarting; reconnect in "); ok {
				seconds, err := strconv.Atoi(strings.TrimSuffix(text, " s"))
				if err != nil {
					t.Fatal(err)
				}
				back[seconds]++
			}
		}
	}
	told := 0
	for seconds, n := range back {
		told += n
		if n > crowd/5 || seconds < 1 || seconds > 14+1+admit.MaxRetryAfter {
			t.Errorf("%d of %d are told to come back in %d s", n, crowd, seconds)
		}
	}
	if told != crowd {
		t.Errorf("%d of %d are told to come back", told, crowd)
	}
}

// speaker is a client that sends throughout the drain: to all, to its neighbor, and then a ping, whose pong proves that
// the node has taken both messages.
type speaker struct {
	*wire
	name     string
	acked    []time.Time     // when the pong after each of its messages came
	lastPing time.Time       // when the last ping was sent that was answered
	got      map[string]bool // ids of messages
	farewell string
	err      error
}

func (s *speaker) talk(neighbour string) {
	for n := 0; ; n++ {
		sent := time.Now()
		for _, message := range []string{
			fmt.Sprintf(`{"id":"%s all %d","message_type":"text","data":1}`, s.name, n),
			fmt.Sprintf(`{"id":"%s to %s %d","message_type":"text","to_user_id":"%s","data":1}`, s.name, neighbour, n, userID(neighbour)),
			`{"id":"ping","message_type":"ping"}`,
		} {
			if s.say(message) != nil {
				break // it is closed: earlier frames are still to be read
			}
		}
		if !s.listen() {
			return
		}
		s.acked, s.lastPing = append(s.acked, time.Now()), sent
	}
}

// listen reads up to the pong, or returns false at the end of the connection.
func (s *speaker) listen() bool {
	for {
		line, err := s.next()
		if err != nil {
			s.err = err
			return false
		}
		if strings.HasPrefix(line, "close") {
			s.farewell = line
			_, _ = s.Write(frame(8, []byte{3, 244}))
			return false
		}
		if strings.Contains(line, `"message_type":"pong"`) {
			return true
		}
		if id, ok := strings.CutPrefix(line, `{"id":"`); ok && strings.Contains(line, `"message_type":"text"`) {
			s.got[id[:strings.IndexByte(id, '"')]] = true
		}
	}
}

// TestDrainUnderLoadLosesNothing: if a sender had its message's pong before a receiver sent a ping that was answered
// too, the node had taken the message while the receiver was connected. So the receiver must get it before the close
// frame.
func TestDrainUnderLoadLosesNothing(t *testing.T) {
	const crowd = 48
	o := realOptions()
	o.RateLimit, o.DrainWindow, o.AdmissionWorkers = 0, 4*time.Second, 0
	n := startReal(t, o)
	speakers := make([]*speaker, crowd)
	for i := range speakers {
		name := "s" + strconv.Itoa(i)
		speakers[i] = &speaker{wire: mustJoin(t, n, name), name: name, got: map[string]bool{}}
		t.Cleanup(func() { speakers[i].Close() })
	}
	var talk sync.WaitGroup
	for i, s := range speakers {
		talk.Go(func() { s.talk(speakers[(i+1)%crowd].name) })
	}
	eventually(t, "a lively crowd", func() bool { return n.Stats().MessagesIn > 50*crowd })
	n.StartDrain()
	if err := n.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	talk.Wait()
	taken, checked := 0, 0
	for i, from := range speakers {
		taken += len(from.acked)
		for j, to := range speakers {
			for k, at := range from.acked {
				if from == to || !at.Before(to.lastPing) {
					continue
				}
				checked++
				id := fmt.Sprintf("%s all %d", from.name, k)
				if !to.got[id] {
					t.Fatalf("%q was taken and did not reach %s", id, to.name)
				}
				if id := fmt.Sprintf("%s to %s %d", from.name, to.name, k); j == (i+1)%crowd && !to.got[id] {
					t.Fatalf("%q was taken and did not reach %s", id, to.name)
				}
			}
		}
		if !strings.HasPrefix(from.farewell, "close 1012 the node is restarting; reconnect in ") {
			t.Errorf("%s ends with %q, %v", from.name, from.farewell, from.err)
		}
	}
	if checked < taken*crowd/4 {
		t.Errorf("of %d messages only %d ways were judged: this test shows little", taken, checked)
	}
}

// TestAnEndedDrainLetsClientsStayAndCome has ten clients told to reconnect over time, and ends the drain after the first ones: the others
// stay, new ones come, and a second drain counts anew. A drain of a process that stops cannot be ended.
func TestAnEndedDrainLetsClientsStayAndCome(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.DrainWindow = time.Minute })
	if _, err := w.server.EndDrain(); !errors.Is(err, ErrNotDraining) {
		t.Errorf("without a drain: %v", err)
	}
	for i := range 16 * drainBatch {
		w.join(fmt.Sprint("user", i))
	}
	w.server.StartDrain()
	w.net.Settle()
	w.net.Advance(2 * netpoll.TickLength)
	progress, err := w.server.EndDrain()
	w.net.Settle()
	if err != nil || progress.Closed == 0 || progress.Closed == uint64(len(w.clients)) {
		t.Fatalf("ended with %+v, %v", progress, err)
	}
	w.net.Advance(10 * time.Second)
	now := w.server.Stats()
	if now.Draining || now.Drain != nil || now.TotalConnections != len(w.clients)-int(progress.Closed) {
		t.Errorf("%d connections are left, draining %v, of %d clients; %+v", now.TotalConnections, now.Draining, len(w.clients), progress)
	}
	w.join("late")
	if again := w.server.StartDrain(); again.Closed != 0 || again.Sessions != now.TotalConnections+1 || again.Over {
		t.Errorf("the second drain begins with %+v", again)
	}
	w.net.Advance(time.Minute)
	if err := w.server.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := w.server.EndDrain(); !errors.Is(err, ErrStopping) {
		t.Errorf("while the process stops: %v", err)
	}
}

// TestTheEndOfADrainEndsItsWalks ends a drain before a reactor has refused the handshake that waits, and another one before it has cut
// off the session.
func TestTheEndOfADrainEndsItsWalks(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.DrainWindow, o.AdmissionWorkers = time.Minute, ByHand })
	end := func() {
		t.Helper()
		if _, err := w.server.EndDrain(); err != nil {
			t.Fatal(err)
		}
		w.net.Settle()
	}
	c := w.join("alice")
	w.server.StartDrain()
	end()
	w.server.CheckNext()
	w.net.Settle()
	if received := c.received(); len(received) == 0 || received[0] != "101" {
		t.Fatalf("after a drain that was ended at once, a handshake that waited is answered %q", received)
	}
	w.server.StartDrain()
	w.net.Settle()
	w.server.group.PostAll(netpoll.Post{Op: opCutOff}, nil)
	end()
	if n := w.server.Stats().TotalConnections; n != 1 {
		t.Errorf("%d connections are left after a drain was ended while it cut off", n)
	}
}
