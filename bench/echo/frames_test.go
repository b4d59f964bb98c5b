package main

import (
	"bytes"
	"slices"
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// TestASlowReaderGetsNothingAfterTheGap has a client that does not read send more than may be queued for it, a small message
// and a close frame, all at once. The answer to the small message would look like the missing one, so only the close frame
// follows.
func TestASlowReaderGetsNothingAfterTheGap(t *testing.T) {
	s := simulate(t, 1, 1, false, func(o *netpoll.Options) {
		o.Outbound = netpoll.Outbound{Soft: 100 << 10, Hard: 100 << 10, GraceTick: 10}
	})
	p := s.join()
	p.Window = 0
	large := masked(0x82, make([]byte, 60<<10))
	p.Send(slices.Concat(large, large, text("late"), closing(1000)))
	p.Open(netpolltest.Unlimited)
	s.Advance(netpoll.TickLength)
	got := p.Received()
	if want := 4 + 60<<10; len(got) != want+4 || !bytes.HasSuffix(got, []byte("\x88\x02\x03\xe8")) || !p.EOF {
		t.Errorf("%d bytes arrived, the last %q, EOF %v; want one large message and a close frame", len(got), got[max(0, len(got)-12):], p.EOF)
	}
}

// TestAnswersToOneReadAreWrittenTogether, unless they are many bytes.
func TestAnswersToOneReadAreWrittenTogether(t *testing.T) {
	p := simulate(t, 1, 1, false, nil).join()
	before := p.Writes
	p.Send(bytes.Repeat(text("hello"), 100))
	if n := p.Writes - before; n != 1 {
		t.Errorf("%d writes for the answers to 100 short messages", n)
	}
	before = p.Writes
	p.Send(bytes.Repeat(masked(0x82, make([]byte, replyFlushBytes)), 3))
	if n := p.Writes - before; n != 3 {
		t.Errorf("%d writes for the answers to 3 messages of %d bytes", n, replyFlushBytes)
	}
}

func TestALargeBufferIsNotKept(t *testing.T) {
	if b := trim(make([]byte, 10, keepBytes)); cap(b) != keepBytes || len(b) != 0 {
		t.Errorf("a buffer of the limit became one of %d", cap(b))
	}
	if b := trim(make([]byte, 10, keepBytes+1)); b != nil {
		t.Errorf("a larger buffer of %d is kept", cap(b))
	}
}
