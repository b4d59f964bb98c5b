package server

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/internal/serial"
	"momentum/netpoll"
	"momentum/server/admit"
)

// TestSlowReaderIsBounded has one member stop reading while the others send: the bytes queued for it stay below the
// hard limit, it is closed as slow, and no other client misses a message.
func TestSlowReaderIsBounded(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 0 })
	alice, slow, bob := w.join("alice"), w.join("slow"), w.join("bob")
	bob.received()
	slow.Window = 0
	message := fmt.Sprintf(`{"id":"m","message_type":"text","data":"%060000d"}`, 0)
	const messages = 40
	for range messages {
		alice.text(message)
		w.net.Settle()
		if queued := slow.OutboundBuffered(); queued > netpoll.DefaultOutbound.Hard+200 {
			t.Fatalf("%d bytes are queued for one that does not read, hard limit %d", queued, netpoll.DefaultOutbound.Hard)
		}
	}
	if got := w.server.Stats().Closed["slow"]; got != 1 {
		t.Errorf("%d sessions closed for being slow, want 1", got)
	}
	if got := len(bob.received()); got != messages {
		t.Errorf("bob, a reader, got %d of %d", got, messages)
	}
	slow.Open(1 << 30) // it reads at last
	w.net.Advance(netpoll.TickLength)
	received := slow.received()
	if last := received[len(received)-2:]; last[0] != "close 1013 messages were not read fast enough" || last[1] != "EOF" {
		t.Errorf("the slow reader is not told why: %.60q", last)
	}
	w.net.Advance(10 * time.Second)
	if err := w.audit(); err != nil || slow.OutboundBuffered() != 0 {
		t.Errorf("audit: %v; still queued: %d", err, slow.OutboundBuffered())
	}
}

// TestSlowReaderAboveTheSoftLimit lags for longer than the grace allows, without reaching the hard limit.
func TestSlowReaderAboveTheSoftLimit(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, slow := w.join("alice"), w.join("slow")
	slow.Window = 0
	message := fmt.Sprintf(`{"id":"m","message_type":"text","data":"%060000d"}`, 0)
	for range netpoll.DefaultOutbound.Soft/60000 + 1 {
		alice.text(message)
	}
	grace := time.Duration(netpoll.DefaultOutbound.GraceTick) * netpoll.TickLength
	w.net.Advance(grace - time.Second)
	if w.server.Stats().Closed["slow"] != 0 {
		t.Fatal("closed within the grace period")
	}
	w.net.Advance(2 * time.Second)
	if w.server.Stats().Closed["slow"] != 1 {
		t.Fatal("not closed after the grace period")
	}
}

// TestMaxConnections fills WS_MAX_CONNECTIONS: one more client is told to retry later, and is admitted after another
// has left.
func TestMaxConnections(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.MaxConnections = 2 })
	alice := w.join("alice")
	w.join("bob")
	carol := w.dial("carol")
	carol.Send(upgradeRequest(w.token("carol")))
	w.net.Settle()
	answer := string(carol.Peer.Received())
	if !strings.HasPrefix(answer, "HTTP/1.1 503 ") || !strings.Contains(answer, "\r\nRetry-After: ") {
		t.Fatalf("beyond the cap: %q", answer)
	}
	alice.HangUp()
	if received := w.join("carol").received(); len(received) == 0 || received[0] != "101" {
		t.Fatalf("a freed connection slot is not given again: %q", received)
	}
}

// TestRefusedAreNotLeaving refuses a connection: a drain must wait for all sessions that were live, and for no others.
func TestRefusedAreNotLeaving(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, eve := w.join("alice"), w.dial("eve")
	eve.Send(upgradeRequest("not.a.token"))
	w.net.Settle()
	eve.HangUp()
	w.server.StartDrain()
	w.net.Advance(drainSpread(w.options.DrainWindow))
	if live, leaving := w.server.live.Load(), w.server.leaving.Load(); live != 0 || leaving != 1 {
		t.Errorf("after alice was asked to leave %d are live and %d leaving, want 0 and 1", live, leaving)
	}
	alice.HangUp()
	if leaving := w.server.leaving.Load(); leaving != 0 {
		t.Errorf("with everybody gone %d are leaving", leaving)
	}
}

// TestRetryAfterIsSpread refuses many handshakes: their clients must not all be told to return at the same time.
func TestRetryAfterIsSpread(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.MaxConnections = 1 })
	w.join("alice")
	seen := map[string]bool{}
	for i := range 100 {
		c := w.dial(fmt.Sprint("late", i))
		c.Send(upgradeRequest(w.token(c.name)))
		_, rest, _ := strings.Cut(string(c.Peer.Received()), "Retry-After: ")
		seconds, _, _ := strings.Cut(rest, "\r\n")
		seen[seconds] = true
	}
	if len(seen) < admit.MaxRetryAfter/2 {
		t.Fatalf("100 refusals had only these times: %v", seen)
	}
}

// TestRateLimit spends the burst, gets the error, and earns credit again with time.
func TestRateLimit(t *testing.T) {
	const limit = 10
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = limit })
	alice, bob := w.join("alice"), w.join("bob")
	bob.received()
	alice.received()
	for i := range limit*admit.BurstSeconds + 3 {
		alice.text(fmt.Sprintf(`{"id":"m%d","message_type":"text"}`, i))
	}
	w.net.Settle()
	if got := len(bob.received()); got != limit*admit.BurstSeconds {
		t.Errorf("bob received %d messages, the burst is %d", got, limit*admit.BurstSeconds)
	}
	if received := alice.received(); len(received) != 3 || !strings.Contains(received[0], `"code":"rate_limited"`) {
		t.Errorf("alice got %q", received)
	}
	w.net.Advance(time.Second)
	for range limit + 3 {
		alice.text(`{"id":"m","message_type":"text"}`)
	}
	w.net.Settle()
	if got := len(bob.received()); got != limit {
		t.Errorf("a second later bob received %d messages, limit %d a second", got, limit)
	}
}

// TestFanOutStarvesNobody stops in the middle of a fan-out to thousands: other sockets are answered, a direct message
// arrives with the next turn, and time goes on.
func TestFanOutStarvesNobody(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.join("alice")
	const listeners = 2000
	var last *client
	for i := range listeners {
		last = w.join(fmt.Sprintf("listener%d", i))
	}
	last.received()
	alice.received()
	alice.text(`{"id":"all","message_type":"text","data":"to all"}`)
	w.net.Step()
	if received := last.received(); received != nil {
		t.Fatalf("one turn served all %d: this test shows nothing (%q)", listeners, received)
	}
	alice.text(`{"id":"p","message_type":"ping"}`)
	if received := alice.received(); len(received) != 1 || !strings.Contains(received[0], `"pong"`) {
		t.Fatalf("in the middle of a fan-out a ping is answered with %q", received)
	}
	alice.text(fmt.Sprintf(`{"id":"one","message_type":"text","data":"to one","to_user_id":"%s"}`, userID(last.name)))
	w.net.Step()
	received := last.received()
	if len(received) != 2 || !strings.Contains(received[0], "to all") || !strings.Contains(received[1], "to one") {
		t.Fatalf("a turn later the last listener has received %q; want the broadcast, then the direct message", received)
	}
	w.net.Settle()
	if received := last.received(); received != nil {
		t.Fatalf("received again: %q", received)
	}
}

// TestBurstIsOneWrite has several senders send between two turns: each member gets all messages in one write.
func TestBurstIsOneWrite(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	ear := w.join("ear")
	voices := []*client{w.join("a"), w.join("b"), w.join("c")}
	ear.Received()
	writes := ear.Writes
	for range 16 {
		for _, v := range voices {
			v.text(`{"id":"m","message_type":"text","data":1}`)
		}
	}
	w.net.Settle()
	if got := ear.Writes - writes; got != 1 {
		t.Errorf("48 messages from 3 senders took %d writes to one member", got)
	}
	if got := bytes.Count(ear.Received(), []byte(`"text"`)); got != 48 {
		t.Errorf("%d of 48 arrived", got)
	}
	for _, v := range voices {
		if got := bytes.Count(v.Received(), []byte(`"text"`)); got != 32 {
			t.Errorf("a sender received %d, want the 32 of the others", got)
		}
	}
}

// TestEarlyFramesAreNotLost sends frames in the same segment as the request, and more before the verdict.
func TestEarlyFramesAreNotLost(t *testing.T) {
	w := newWorld(t, 1, nil)
	c := w.dial("alice")
	c.Send(append(upgradeRequest(w.token("alice")), frame(1, []byte(`{"id":"1","message_type":"ping"}`))...))
	c.Send(frame(1, []byte(`{"id":"2","message_type":"ping"}`)))
	w.net.Settle()
	received := c.received()
	if len(received) != 3 || received[0] != "101" || !strings.Contains(received[1], `"id":"1"`) || !strings.Contains(received[2], `"id":"2"`) {
		t.Fatalf("received %q", received)
	}
}

// TestTooManyEarlyFramesAreRefused sends more frames before the 101 than are kept: the answer is still HTTP, and is
// counted.
func TestTooManyEarlyFramesAreRefused(t *testing.T) {
	w := newWorld(t, 1, nil)
	c := w.dial("alice")
	c.Send(append(upgradeRequest(w.token("alice")), make([]byte, maxEarlyBytes)...))
	c.Send([]byte{0})
	w.net.Settle()
	if received := c.received(); len(received) != 2 || !strings.HasPrefix(received[0], `413 {"error":"early_frames"`) || received[1] != "EOF" {
		t.Errorf("received %q", received)
	}
	w.net.Advance(10 * time.Second)
	if stats := w.server.Stats(); stats.Refused["early_frames"] != 1 || stats.Sockets != 0 {
		t.Errorf("%v refused, %d sockets open", stats.Refused, stats.Sockets)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestOversizedMessage is refused with 1009 after its header; the messages before it are not lost.
func TestOversizedMessage(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, bob := w.join("alice"), w.join("bob")
	bob.received()
	alice.received()
	alice.Send(append(frame(1, []byte(`{"id":"m","message_type":"text"}`)), frame(1, make([]byte, w.options.MaxMessageBytes+1))[:14]...))
	w.net.Settle()
	if received := alice.received(); len(received) != 2 || !strings.HasPrefix(received[0], "close 1009 ") || received[1] != "EOF" {
		t.Errorf("the sender received %q", received)
	}
	if received := bob.received(); len(received) != 1 || !strings.Contains(received[0], `"id":"m"`) {
		t.Errorf("the other received %q", received)
	}
}

// TestRateLimitCountsBytes: a large message counts as several, since its cost to the node grows with its size.
func TestRateLimitCountsBytes(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 10 })
	alice, bob := w.join("alice"), w.join("bob")
	bob.received()
	for range 5 {
		alice.text(fmt.Sprintf(`{"id":"m","message_type":"text","data":"%040000d"}`, 0)) // counts as ten
	}
	w.net.Settle()
	if got := len(bob.received()); got != 2 {
		t.Errorf("bob received %d messages of 40 kB, want 2: the burst is 20 of up to 4 KiB", got)
	}
}

// TestFloodIsCutShort sends empty binary frames: they are the cheapest to send and the most expensive to answer.
func TestFloodIsCutShort(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 10 })
	flooder := w.join("flooder")
	flooder.received()
	flooder.Send(bytes.Repeat(frame(2, nil), 10000))
	w.net.Settle()
	received := flooder.received()
	last := received[max(0, len(received)-2):]
	if len(received) > 10*(admit.BurstSeconds+1)+2 || !slices.Equal(last, []string{"close 1008 too many messages", "EOF"}) {
		t.Errorf("10,000 frames were answered with %d, the last %.80q", len(received), last)
	}
	if w.server.Stats().Closed["rate"] != 1 || w.server.Stats().RateLimited == 0 {
		t.Errorf("counted: %+v", w.server.Stats().Closed)
	}
}

// TestBurstDoesNotEvictReaders posts far more than the hard limit between two turns. A member whose window takes a
// segment at a time gets all of it, and its queue never exceeds the limit.
func TestBurstDoesNotEvictReaders(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.RateLimit = 1, 0 })
	alice, reader, stalled := w.join("alice"), w.join("reader"), w.join("stalled")
	for _, c := range w.clients {
		c.received()
	}
	reader.Window, stalled.Window = 0, 0
	const messages = 60
	framed := frame(1, fmt.Appendf(nil, `{"id":"m","message_type":"text","data":"%060000d"}`, 0))
	for range messages {
		alice.Send(framed)
	}
	for w.net.Step() {
		reader.Open(1 << 20)
		for _, c := range []*client{reader, stalled} {
			if queued := c.OutboundBuffered(); queued > netpoll.DefaultOutbound.Hard+200 {
				t.Fatalf("%d bytes are queued for %s, hard limit %d", queued, c.name, netpoll.DefaultOutbound.Hard)
			}
		}
	}
	reader.Open(1 << 30)
	if got := len(reader.received()); got != messages {
		t.Errorf("the reader received %d of %d", got, messages)
	}
	if got := w.server.Stats().Closed["slow"]; got != 1 {
		t.Errorf("%d were closed for being slow, want the stalled one", got)
	}
}

// TestASenderLearnsOfAnOverload fills a reactor's backlog: a further message is delivered to no client, and its sender gets an
// error.
func TestASenderLearnsOfAnOverload(t *testing.T) {
	serial.Test(t)
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.RateLimit = 1, 0 })
	alice := w.join("alice")
	for i := range 4 { // more members than a turn serves with a whole segment
		w.join(fmt.Sprintf("member%d", i)).Forgets = true
	}
	alice.received()
	message := fmt.Sprintf(`{"id":"m","message_type":"text","data":"%060000d"}`, 0)
	framed := frame(1, []byte(message))
	for range backlogBytes/60000 + 20 {
		alice.Send(framed)
	}
	w.net.Step()
	alice.text(message)
	received := alice.received()
	if len(received) != 1 || !strings.Contains(received[0], `"code":"overloaded"`) || !strings.Contains(received[0], `"ref_id":"m"`) {
		t.Fatalf("a sender beyond the backlog received %.200q", received)
	}
	w.net.Settle()
	if err := w.audit(); err != nil || waiting(w.server.shards[0]) != 0 {
		t.Errorf("audit %v, %d bytes still wait", err, waiting(w.server.shards[0]))
	}
}

// TestABacklogIsBoundedInTime has a reactor that makes no pass: few bytes wait, but for too long.
func TestABacklogIsBoundedInTime(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.join("alice")
	w.join("bob")
	alice.received()
	since := w.server.group.Moment()
	for _, waited := range []time.Duration{backlogTime, backlogTime + time.Second} {
		w.net.Stop(waited - w.server.group.Moment().Since(since))
		w.server.counters[0].WaitsSince.Store(uint32(since))
		_, err := w.server.Broadcast("text", []byte(`1`))
		if overloaded := errors.Is(err, ErrOverloaded); overloaded != (waited > backlogTime) {
			t.Errorf("a broadcast after one that has waited for %v: %v", waited, err)
		}
	}
}

// TestRateLimitRefusesNoMessageForEver sends the largest message under a limit whose burst is smaller.
func TestRateLimitRefusesNoMessageForEver(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 1 })
	alice, bob := w.join("alice"), w.join("bob")
	bob.received()
	for range 3 {
		alice.text(fmt.Sprintf(`{"id":"m","message_type":"text","data":"%060000d"}`, 0))
		w.net.Advance(admit.BurstSeconds * time.Second)
	}
	if got := len(bob.received()); got != 3 {
		t.Errorf("bob received %d of 3 large messages, each sent with a full burst", got)
	}
}

// TestClosingStaysWithinTheLimit drains a node with far more pending than may be queued for a member that does not
// read: no more than that is kept, and a member that reads again in time gets all of it, then the close frame.
func TestClosingStaysWithinTheLimit(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.RateLimit = 1, 0 })
	alice, stalled := w.join("alice"), w.join("stalled")
	stalled.received()
	stalled.Window = 0
	w.server.StartDrain()
	w.net.Settle()
	for range 60 {
		alice.text(fmt.Sprintf(`{"id":"m","message_type":"text","data":"%060000d"}`, 0))
	}
	w.net.Stop(netpoll.TickLength)
	for w.server.Stats().Closed["drain"] == 0 && w.net.Step() { // reads, then applies the posts and closes
	}
	if queued := stalled.OutboundBuffered(); queued == 0 || queued > netpoll.DefaultOutbound.Hard+200 {
		t.Fatalf("%d bytes are queued for a member that is closed, hard limit %d", queued, netpoll.DefaultOutbound.Hard)
	}
	stalled.Open(1 << 30)
	w.net.Advance(2 * time.Second)
	received := stalled.received()
	if last := received[len(received)-2:]; !strings.HasPrefix(last[0], "close 1012") || last[1] != "EOF" {
		t.Errorf("it is not asked to reconnect: %.60q", last)
	}
}
