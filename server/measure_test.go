package server

import (
	"testing"
	"time"

	"momentum/netpoll"
)

// TestEachEventIsMeasured causes one event of each kind, each with a known time.
func TestEachEventIsMeasured(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	w.net.Advance(netpoll.TickLength) // the first moment of all is a microsecond long
	alice := w.dial("alice")
	w.net.Advance(300 * time.Millisecond)
	alice.Send(upgradeRequest(w.token("alice")))
	w.net.Settle()
	bob := w.join("bob")
	alice.text(`{"message_type":"text","data":1}`)
	alice.text(`{"id":"p","message_type":"ping"}`)
	w.net.Settle()
	if f := w.server.Figures(); f.FanOut.Count() != 1 || f.Pongs != 1 {
		t.Errorf("%d rounds, %d pongs, want 1 of each", f.FanOut.Count(), f.Pongs)
	}
	for pinged := false; !pinged; {
		w.net.Advance(netpoll.TickLength)
		for _, line := range bob.received() {
			pinged = pinged || line == "ping"
		}
	}
	w.net.Advance(200 * time.Millisecond)
	bob.Send(frame(10, nil))
	bob.Send(frame(10, nil)) // one that nobody asked for
	w.net.Settle()
	f := w.server.Figures()
	if f.Handshake.Count() != 2 || f.Handshake.Sum != 300*time.Millisecond {
		t.Errorf("%d handshakes took %v together, want 2 and 300 ms", f.Handshake.Count(), f.Handshake.Sum)
	}
	if f.Ping.Count() != 1 || f.Ping.Sum != 200*time.Millisecond {
		t.Errorf("%d pings took %v, want 1 and 200 ms", f.Ping.Count(), f.Ping.Sum)
	}
	if f.BytesOut == 0 || f.BytesOut < f.Handshake.Count()*100 {
		t.Errorf("%d bytes out", f.BytesOut)
	}
}

// TestClosesByCode checks that the counts of a reason's codes add up to the count of the reason.
func TestClosesByCode(t *testing.T) {
	w := newWorld(t, 1, nil)
	for name, b := range map[string][]byte{
		"goes":     frame(8, []byte{3, 233}), // 1001
		"own":      frame(8, []byte{4100 >> 8, 4100 & 0xff}),
		"silent":   frame(8, nil),
		"unmasked": {0x81, 0},
		"broken":   frame(1, []byte{0xff}),
	} {
		w.join(name).Send(b)
		w.net.Settle()
	}
	w.join("gone").HangUp()
	w.net.Settle()
	got := map[string]uint64{}
	for _, c := range w.server.Figures().Closes {
		if c.Count > 0 {
			got[c.Reason+" "+c.Code] = c.Count
		}
	}
	for _, want := range []string{"peer_closed 1001", "peer_closed 4xxx", "peer_closed 1005", "protocol 1002", "protocol 1007", "gone 1006"} {
		if got[want] != 1 {
			t.Errorf("%s: %d, want 1", want, got[want])
		}
		delete(got, want)
	}
	if len(got) > 0 {
		t.Errorf("beside those: %v", got)
	}
}
