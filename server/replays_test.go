package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/internal/serial"
	"momentum/netpoll"
	"momentum/server/fanout"
)

// longReplay makes a node whose broadcast keeps 40 messages, posts as many of 60 kB, and has bob resume from the start with
// a socket that takes nothing.
func longReplay(t *testing.T, change ...func(*Options)) (w *world, bob *returning) {
	w = newWorld(t, 1, func(o *Options) {
		o.RateLimit, o.Reactors, o.History.Messages, o.NewID = 0, 1, 4, newIDs()
		for _, c := range change {
			c(o)
		}
	})
	first := w.join("bob") // direct messages are kept for a user that was here
	w.net.Settle()
	first.HangUp()
	w.net.Settle()
	w.post(40)
	bob = &returning{world: w, name: "bob"}
	bob.connect()
	bob.now.Window = 0
	w.net.Settle()
	return w, bob
}

func (w *world) post(broadcasts int) {
	w.t.Helper()
	for range broadcasts {
		if _, err := w.server.Broadcast("text", json.RawMessage(fmt.Sprintf(`"%060000d"`, 1))); err != nil {
			w.t.Fatal(err)
		}
		w.net.Settle()
	}
}

// TestALongReplayIsPaced has a client that missed 2.4 MB read slowly: at most a segment is queued for it, the messages that
// come meanwhile follow the missed ones, and it is not closed.
func TestALongReplayIsPaced(t *testing.T) {
	w, bob := longReplay(t)
	if _, err := w.server.Send(userID("bob"), "text", json.RawMessage(`"direct"`)); err != nil {
		t.Fatal(err)
	}
	w.post(1)
	if err := w.audit(); err != nil {
		t.Errorf("during the replay: %v", err)
	}
	for range 200 {
		if queued := bob.now.OutboundBuffered(); queued > 2*fanout.SegmentBytes {
			t.Fatalf("%d bytes are queued for a client that reads slowly", queued)
		}
		bob.now.Open(50_000)
		w.net.Advance(w.duration("100ms"))
		bob.read()
	}
	if bob.broadcast != 41 || bob.direct != 1 || len(bob.had) != 42 || bob.gaps != 0 {
		t.Errorf("bob has had %d messages up to %d and %d, with %d gaps", len(bob.had), bob.broadcast, bob.direct, bob.gaps)
	}
	w.post(1)
	bob.now.Open(1 << 20)
	w.net.Settle()
	if bob.read(); bob.broadcast != 42 {
		t.Error("bob gets no live messages after the replay")
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestAReplayThatIsOvertakenNamesTheGap posts more broadcasts during a replay than are kept.
func TestAReplayThatIsOvertakenNamesTheGap(t *testing.T) {
	w, bob := longReplay(t)
	w.post(60)
	for range 300 {
		bob.now.Open(50_000)
		w.net.Advance(w.duration("100ms"))
		bob.read()
	}
	if bob.gaps != 1 || bob.broadcast != 100 || uint64(len(bob.had))+bob.lost != 100 {
		t.Errorf("bob has had %d broadcasts up to %d, and %d gaps of %d", len(bob.had), bob.broadcast, bob.gaps, bob.lost)
	}
	if told := w.server.Stats().Gaps; told != 1 {
		t.Errorf("%d gaps are counted", told)
	}
}

// TestMessagesThatWillComeAreNoGap looks at a replay that has sent all applied broadcasts, while more of them than are kept wait in the
// mailbox: the client will get those as a member of the fan-out.
func TestMessagesThatWillComeAreNoGap(t *testing.T) {
	w, bob := longReplay(t)
	r := &w.shards()[0].replays
	p := r.list[0]
	p.last = r.applied
	w.postUnsettled(60)
	r.frames = r.frames[:0]
	if more := r.collect(r.live(bob.now.Handle()), p); more || len(r.frames) > 0 || p.last != r.applied {
		t.Errorf("after %d of %d applied broadcasts, bob is sent %s", p.last, r.applied, r.frames)
	}
}

// TestASessionMayEndDuringItsReplay ends replays in every way.
func TestASessionMayEndDuringItsReplay(t *testing.T) {
	for name, end := range map[string]func(w *world, bob *returning){
		"hang-up": func(_ *world, bob *returning) { bob.now.HangUp() },
		"close":   func(_ *world, bob *returning) { bob.now.Send(frame(8, nil)) },
		"silence": func(w *world, _ *returning) { w.net.Advance(w.duration("60s")) },
		"too many direct messages": func(w *world, _ *returning) {
			for range 30 {
				_, _ = w.server.Send(userID("bob"), "text", json.RawMessage(fmt.Sprintf(`"%060000d"`, 1)))
				w.net.Settle()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			serial.Test(t)
			w, bob := longReplay(t)
			end(w, bob)
			w.net.Settle()
			bob.now.Open(1 << 30)
			w.net.Advance(w.duration("15s"))
			if err := w.audit(); err != nil || len(w.shards()[0].replays.list) > 0 {
				t.Errorf("%v; %d replays are left", err, len(w.shards()[0].replays.list))
			}
		})
	}
}

// TestARefreshDuringAReplayJoinsTheTopicsOnce refreshes the token of a session that has a replay, ends the replay or the session,
// and publishes to the topic of the token.
func TestARefreshDuringAReplayJoinsTheTopicsOnce(t *testing.T) {
	for name, end := range map[string]func(w *world, bob *returning){
		"the session ends": func(_ *world, bob *returning) { bob.now.HangUp() },
		"the replay ends": func(w *world, bob *returning) {
			bob.now.Open(100 << 20)
			w.net.Advance(w.duration("1s"))
			bob.now.Send(frame(8, nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, bob := longReplay(t)
			bob.now.text(refreshMessage(w.tokenForTopics("bob", `{"join":["secret","secret"]}`)))
			w.net.Settle()
			end(w, bob)
			w.net.Advance(w.duration("10s"))
			if n := w.server.topics.Subscriptions(); n != 0 {
				t.Errorf("%d subscriptions are left", n)
			}
			mallory := w.join("mallory")
			w.net.Settle()
			if _, err := w.server.Publish("secret", "text", json.RawMessage(`"to members only"`)); err != nil {
				t.Fatal(err)
			}
			w.net.Settle()
			if received := fmt.Sprint(mallory.received()); strings.Contains(received, "members only") {
				t.Errorf("another user gets %s", received)
			}
			if err := w.audit(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestADrainDuringAReplayKeepsTheOrder drains while broadcasts go on.
func TestADrainDuringAReplayKeepsTheOrder(t *testing.T) {
	for _, many := range []int{6, 100} {
		w, bob := longReplay(t)
		for w.shards()[0].replays.list[0].last < 36 {
			bob.now.Open(50_000)
			w.net.Advance(w.duration("100ms"))
		}
		w.server.StartDrain()
		w.net.Advance(w.duration("100ms"))
		w.postUnsettled(many)
		bob.now.Open(100 << 20)
		w.net.Advance(w.duration("100ms"))
		last := uint64(0)
		for _, line := range bob.now.received() {
			var m numbered
			if json.Unmarshal([]byte(line), &m) == nil && m.Seq > 0 {
				if m.Seq != last+1 && last > 0 {
					t.Errorf("message %d comes after %d", m.Seq, last)
				}
				last = m.Seq
			}
		}
		w.net.Advance(w.duration("20s"))
	}
}

func (w *world) postUnsettled(broadcasts int) {
	for range broadcasts {
		_, _ = w.server.Broadcast("text", json.RawMessage(fmt.Sprintf(`"%060000d"`, 1)))
	}
}

// TestWhatAReplayHoldsIsPaced has direct messages arrive during a replay: after it they do not make the client slow.
func TestWhatAReplayHoldsIsPaced(t *testing.T) {
	w, bob := longReplay(t)
	for range 8 {
		if _, err := w.server.Send(userID("bob"), "text", json.RawMessage(fmt.Sprintf(`"%060000d"`, 1))); err != nil {
			t.Fatal(err)
		}
		w.net.Settle()
	}
	for range 200 {
		if queued := bob.now.OutboundBuffered(); queued > 3*fanout.SegmentBytes {
			t.Fatalf("%d bytes are queued for a client that reads slowly", queued)
		}
		bob.now.Open(50_000)
		w.net.Advance(w.duration("100ms"))
		bob.read()
	}
	if bob.direct != 8 || bob.broadcast != 40 {
		t.Errorf("bob has had messages up to %d and %d", bob.broadcast, bob.direct)
	}
}

// TestWhatAReplayHoldsIsLimited has more direct messages arrive during a replay than may be held for it: the client is slow.
func TestWhatAReplayHoldsIsLimited(t *testing.T) {
	w, _ := longReplay(t)
	const most = 1 << 20 / 2 // half of what may be queued for a client
	for sent, slow := 0, uint64(0); slow == 0; sent += 60_000 {
		if held := w.shards()[0].memory.held; held > most || sent > held+60_000 {
			t.Fatalf("%d bytes of %d are held, and the client is not closed", held, sent)
		}
		if _, err := w.server.Send(userID("bob"), "text", json.RawMessage(fmt.Sprintf(`"%060000d"`, 1))); err != nil {
			t.Fatal(err)
		}
		w.net.Settle()
		if slow = w.server.Stats().Closed["slow"]; slow > 0 && sent < most-120_000 {
			t.Errorf("the client is closed with %d bytes held", sent)
		}
	}
}

// TestRequestsDuringAReplayAreLimited has a client ask for topics during its replay, the second time in a message for which there is no room.
func TestRequestsDuringAReplayAreLimited(t *testing.T) {
	w, bob := longReplay(t)
	for range 8 {
		_, _ = w.server.Send(userID("bob"), "text", json.RawMessage(fmt.Sprintf(`"%060000d"`, 1)))
	}
	for refused, topics := range []string{`["news"]`, fmt.Sprintf(`["%060000d"]`, 1)} {
		bob.now.text(`{"message_type":"subscribe","data":{"topics":` + topics + `}}`)
		w.net.Settle()
		if s := w.server.Stats(); s.Errors != uint64(refused) || w.shards()[0].memory.held > 1<<20/2 {
			t.Errorf("after a request of %d bytes, %d bytes are held, and %d requests are refused", len(topics), w.shards()[0].memory.held, s.Errors)
		}
	}
	bob.now.Open(100 << 20)
	if w.net.Advance(time.Second); w.shards()[0].memory.held != 0 {
		t.Errorf("%d bytes are held after the replay", w.shards()[0].memory.held)
	}
}

// TestManyReplaysAreLookedAtInSteps ends many sessions with replays at once.
func TestManyReplaysAreLookedAtInSteps(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	w.net.Settle()
	r := &w.shards()[0].replays
	for i := range 3 * looksATurn {
		p := &replay{to: netpoll.Handle(1000 + i)}
		if r.at == nil {
			r.at = map[netpoll.Handle]*replay{}
		}
		r.list, r.at[p.to] = append(r.list, p), p
	}
	for turn := 1; len(r.list) > 0; turn++ {
		before := len(r.list)
		r.advance()
		if looked := before - len(r.list); looked > looksATurn || turn > 3 {
			t.Fatalf("turn %d removes %d of %d", turn, looked, before)
		}
	}
	if len(r.at) != 0 {
		t.Errorf("%d are left in the index", len(r.at))
	}
}

// TestAReplayEndsWhenTheSocketTakesNothing has one client read nothing during its replay, and another a byte in nine seconds: the
// first is slow after the grace of any slow client, the second is not.
func TestAReplayEndsWhenTheSocketTakesNothing(t *testing.T) {
	grace := time.Duration(netpoll.DefaultOutbound.GraceTick) * netpoll.TickLength
	for window, want := range map[int]uint64{0: 1, 1: 0} {
		w, bob := longReplay(t, func(o *Options) { o.HeartbeatInterval = time.Hour })
		for range 5 {
			w.net.Advance(grace - time.Second)
			if window > 0 {
				bob.now.Open(window)
			} else if w.server.Stats().Closed["slow"] != 0 {
				t.Error("the client is closed within the grace")
			}
			w.net.Advance(100 * time.Millisecond)
			if window == 0 {
				w.net.Advance(2 * time.Second)
				break
			}
		}
		if closed := w.server.Stats().Closed["slow"]; closed != want {
			t.Errorf("a client that takes %d bytes in %v: %d are closed as slow", window, grace, closed)
		}
		if err := w.audit(); err != nil {
			t.Error(err)
		}
	}
}

// TestWhatReplaysHoldCountsForTheMemory has many clients read nothing during their replays while direct messages come for them: the
// clients that hold the most are closed, and their bytes are given back.
func TestWhatReplaysHoldCountsForTheMemory(t *testing.T) {
	const clients, most = 10, 8 << 20
	w, _ := longReplay(t, func(o *Options) { o.MaxHeldBytes = most })
	for i := range clients {
		name := fmt.Sprint("user", i)
		first := w.join(name)
		w.net.Settle()
		first.HangUp()
		w.net.Settle()
		c := &returning{world: w, name: name}
		c.connect()
		c.now.Window = 0
		w.net.Settle()
	}
	memory := &w.shards()[0].memory
	for i := range 8 * clients {
		_, _ = w.server.Send(userID(fmt.Sprint("user", i%clients)), "text", json.RawMessage(fmt.Sprintf(`"%060000d"`, 1)))
		w.net.Settle()
		if err := w.audit(); err != nil {
			t.Fatal(err)
		}
		if all := memory.total() + w.shards()[0].reactor.Backlog(); all > most*5/8 {
			t.Fatalf("%d bytes are held, of %d", all, most)
		}
	}
	if closed := w.server.Stats().Closed; closed["memory"] == 0 || closed["slow"] != 0 || memory.held == 0 {
		t.Errorf("closed: %v; %d bytes are held", closed, memory.held)
	}
}
