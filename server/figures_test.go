package server

import (
	"testing"

	"momentum/server/reason"
)

func TestFiguresOfEachReactorAndReason(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 3 })
	c := w.join("alice")
	c.text(`{"message_type":"ping"}`)
	w.net.Settle()
	w.server.counters[2].Waits.Store(7)
	f := w.server.Figures()
	if len(f.Lag) != 3 || len(f.Waiting) != 3 || f.Waiting[2] != 7 || f.Slots != w.options.MaxSockets {
		t.Errorf("%d and %d reactors, waiting %v, %d sockets", len(f.Lag), len(f.Waiting), f.Waiting, f.Slots)
	}
	if f.Pongs != 1 || f.BytesOut == 0 || f.Handshake.Count() != 1 {
		t.Errorf("%d pongs, %d bytes, %d handshakes", f.Pongs, f.BytesOut, f.Handshake.Count())
	}
	if len(f.Refusals) == 0 || len(f.Closes) < int(reason.Count)/2 {
		t.Errorf("%d refusals and %d closes are listed", len(f.Refusals), len(f.Closes))
	}
}
