package main

import (
	"bytes"
	"log/slog"
	"slices"
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// TestSlowReaderMissesTheRest has a client that does not read. It sends at once more than may be queued for it, then a
// small message, and a close frame. After the gap nothing may be sent but the close frame.
func TestSlowReaderMissesTheRest(t *testing.T) {
	w, err := netpolltest.New(netpoll.Options{
		Reactors: 1, MaxSockets: 10, Outbound: netpoll.Outbound{Soft: 100 << 10, Hard: 100 << 10, GraceTick: 10},
		Overflow: func() []byte { return overflow }, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(*netpoll.Reactor) netpoll.Handler { return &loop{heads: map[uint32]*head{}} },
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := w.Dial()
	p.Send([]byte(request))
	_ = p.Received()
	p.Window = 0
	large := masked(0x82, make([]byte, 60<<10))
	p.Send(slices.Concat(large, large, text("late"), closing(1000)))
	p.Open(netpolltest.Unlimited)
	w.Advance(netpoll.TickLength)
	got := p.Received()
	if want := 4 + 60<<10; len(got) != want+4 || !bytes.HasSuffix(got, []byte("\x88\x02\x03\xe8")) || !p.EOF {
		t.Errorf("%d bytes arrived, the last %q, EOF %v; want one large message and a close frame", len(got), got[max(0, len(got)-12):], p.EOF)
	}
}
