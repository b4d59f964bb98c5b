package server

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"momentum/netpoll/netpolltest"
	"momentum/server/reason"
)

// newTightWorld is a node of one reactor that may keep that many bytes.
func newTightWorld(t *testing.T, most int64) *world {
	return newWorld(t, 1, func(o *Options) { o.Reactors, o.RateLimit, o.MaxHeldBytes = 1, 0, most })
}

// held adds up the bytes that the node keeps, without its counters.
func (w *world) held() (queued, unfinished int) {
	for _, c := range w.clients {
		queued += c.OutboundBuffered()
	}
	for _, sh := range w.shards() {
		for _, page := range sh.sessions.pages {
			for i := range page {
				unfinished += page[i].unfinished()
			}
		}
	}
	return queued, unfinished
}

// TestRefreshHoldsNothing: a session whose new token is being checked does not count the bytes that its handshake had.
func TestRefreshHoldsNothing(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.AdmissionWorkers = 1, ByHand })
	alice, request := w.dial("alice"), upgradeRequest(w.token("alice"))
	alice.Send(request[:100])
	if _, kept := w.held(); kept < 100 {
		t.Errorf("%d bytes are kept of a request of which 100 have come", kept)
	}
	alice.Send(request[100:])
	w.server.CheckNext()
	w.net.Settle()
	alice.text(refreshMessage(w.token("alice")))
	if _, kept := w.held(); kept != 0 {
		t.Errorf("%d bytes are kept of a complete message", kept)
	}
	if waiting, waits := w.server.CheckNext(); !waits || waiting != alice.Handle() {
		t.Error("no token is being checked: this test shows nothing")
	}
}

// TestReadersThatHoldTooMuchTogether has a hundred clients read nothing, none of which exceeds its own limit.
func TestReadersThatHoldTooMuchTogether(t *testing.T) {
	const most = 4 << 20
	w := newTightWorld(t, most)
	alice, bob := w.join("alice"), w.join("bob")
	var deaf []*client
	for i := range 100 {
		c := w.join(fmt.Sprint("deaf", i))
		c.Window = 0
		deaf = append(deaf, c)
	}
	w.net.Advance(2 * time.Second)
	bob.received()
	highest := 0
	for i := range 12 {
		alice.text(fmt.Sprintf(`{"message_type":"text","data":"%d%s"}`, i, bytes.Repeat([]byte{'a'}, 16<<10)))
		w.net.Settle()
		queued, _ := w.held()
		highest = max(highest, queued)
		if i%4 == 3 { // and not before: much can come within a tick
			w.net.Advance(100 * time.Millisecond)
		}
	}
	if highest > most+most/8 {
		t.Errorf("%d bytes were queued, the bound is %d", highest, most)
	}
	received := bob.received()
	if got := len(slices.DeleteFunc(received, func(line string) bool { return len(line) < 16<<10 })); got != 12 {
		t.Errorf("the client that reads got %d of 12", got)
	}
	closed := w.server.Stats().Closed
	if closed["memory"] < 50 || closed["slow"] != 0 {
		t.Errorf("of 100 that read nothing: %v", closed)
	}
	told := 0
	for _, c := range deaf {
		c.Open(netpolltest.Unlimited)
		if lines := c.received(); slices.Contains(lines, "close 1013 "+reason.ClosedMemory.Text()) {
			told++
		}
	}
	if told == 0 {
		t.Error("no client got the reason")
	}
	w.net.Advance(7 * time.Second)
	if queued, unfinished := w.held(); queued+unfinished != 0 {
		t.Errorf("%d bytes are queued and %d unfinished after it", queued, unfinished)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestOneMessageBringsMoreThanThereIs has one turn bring more than the node may keep: the sessions that hold it are not
// only closed but cut off, at once, although nothing more arrives.
func TestOneMessageBringsMoreThanThereIs(t *testing.T) {
	const most = 1 << 20
	w := newTightWorld(t, most)
	alice := w.join("alice")
	for i := range 60 {
		w.join(fmt.Sprint("deaf", i)).Window = 0
	}
	w.net.Advance(2 * time.Second)
	alice.text(fmt.Sprintf(`{"message_type":"text","data":"%s"}`, bytes.Repeat([]byte{'a'}, 40<<10)))
	w.net.Settle()
	if queued, _ := w.held(); queued == 0 || queued > most {
		t.Errorf("%d bytes are queued, the bound is %d", queued, most)
	}
	if live := w.server.Stats().TotalConnections; live < 2 {
		t.Errorf("%d are live", live)
	}
}

// TestTheLargestHoldersGoFirst closes one that lags far, and none that lags a little.
func TestTheLargestHoldersGoFirst(t *testing.T) {
	w := newTightWorld(t, 1<<20)
	alice := w.join("alice")
	var slow []*client
	for i := range 5 {
		slow = append(slow, w.join(fmt.Sprint("slow", i)))
	}
	w.net.Advance(2 * time.Second)
	for i, c := range slow {
		c.received()
		c.Window = i * 60 << 10 // the first reads the least
	}
	for range 5 {
		alice.text(fmt.Sprintf(`{"message_type":"text","data":"%s"}`, bytes.Repeat([]byte{'a'}, 50<<10)))
		w.net.Settle()
	}
	closed := w.server.Stats().Closed["memory"]
	if closed == 0 || closed > 3 {
		t.Fatalf("%d were closed", closed)
	}
	for i, c := range slow {
		c.Open(netpolltest.Unlimited)
		received := c.received()
		last := received[len(received)-1]
		if gone := last == "EOF" || len(received) > 1 && last == "close 1013 "+reason.ClosedMemory.Text(); gone != (i < int(closed)) {
			t.Errorf("reader %d: closed: %v, %d were", i, gone, closed)
		}
	}
}

// TestUnfinishedMessagesTogether has clients send all of a message but its last byte.
func TestUnfinishedMessagesTogether(t *testing.T) {
	const most = 2 << 20
	w := newTightWorld(t, most)
	small := w.join("small")
	small.Send(frame(1, []byte(`{"message_type":"text"}`))[:20])
	nearly := frame(1, bytes.Repeat([]byte{'a'}, 60<<10))
	nearly = nearly[:len(nearly)-1]
	for i := range 100 {
		w.join(fmt.Sprint("hoarder", i)).Send(nearly)
		w.net.Settle()
		if _, unfinished := w.held(); unfinished > most/2+64<<10 {
			t.Fatalf("%d bytes are kept of incomplete messages", unfinished)
		}
	}
	closed := w.server.Stats().Closed["memory"]
	if live := w.server.Stats().TotalConnections; closed < 80 || live != 101-int(closed) {
		t.Errorf("%d were closed, %d are live", closed, live)
	}
	small.received()
	small.Send(frame(1, []byte(`{"message_type":"text"}`))[20:])
	small.Send(frame(9, []byte("still here")))
	w.net.Settle()
	if received := small.received(); !slices.Contains(received, "pong still here") {
		t.Errorf("the client that held little got %q", received)
	}
	w.net.Advance(time.Second)
	if got := w.server.Stats().BytesUnfinished; got == 0 || got > most/2+64<<10 {
		t.Errorf("%d bytes are said to be unfinished", got)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestARefreshCountsAsMemory takes a handshake in which another client has left a buffer, and gives it back.
func TestARefreshCountsAsMemory(t *testing.T) {
	w := newTightWorld(t, 1<<20)
	alice, bob := w.join("alice"), w.dial("bob")
	request := upgradeRequest(w.token("bob"))
	bob.Send(request[:100])
	bob.Send(request[100:])
	w.net.Settle()
	alice.text(refreshMessage(w.tokenWith("alice", "1h")))
	w.net.Settle()
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestUnfinishedRequestsTogether has sockets send most of a request, and nothing more.
func TestUnfinishedRequestsTogether(t *testing.T) {
	const most = 1 << 20
	w := newTightWorld(t, most)
	long := []byte("GET /ws HTTP/1.1\r\nCookie: " + string(bytes.Repeat([]byte{'a'}, 7<<10)))
	for range 200 {
		w.dial("").Send(long)
	}
	w.net.Settle()
	if _, unfinished := w.held(); unfinished > most/2+16<<10 {
		t.Errorf("%d bytes are kept of requests", unfinished)
	}
	if got := w.server.Stats().Refused["memory"]; got == 0 || got > 180 {
		t.Errorf("%d of 200 were refused", got)
	}
	w.net.Advance(HandshakeTimeout + 2*time.Second)
	if _, unfinished := w.held(); unfinished != 0 {
		t.Errorf("%d bytes are kept after it", unfinished)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}
