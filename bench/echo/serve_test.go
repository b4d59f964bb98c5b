package main

import (
	"testing"

	"golang.org/x/sys/unix"

	"momentum/netpoll"
)

// TestAFrameIsPostedToAllOtherReactorsOrToNone: its sender is told to send more slowly if one has no room.
func TestAFrameIsPostedToAllOtherReactorsOrToNone(t *testing.T) {
	s := simulate(t, 1, 3, true, nil)
	pending := func() (sizes [3]int) {
		s.Settle()
		for i, l := range s.loops {
			sizes[i] = len(l.round.pending) + len(l.round.active)
		}
		return sizes
	}
	p := s.DialTo(1)
	p.Send([]byte(request))
	p.Send(text("hi")) // the sender's loop adds it to its own round and broadcasts that at once
	if got := pending(); got[0] != 4 || got[2] != 4 {
		t.Errorf("bytes in the rounds of the other reactors: %v, want 4 each", got)
	}
	for filler := make([]byte, 1<<20); s.Group.HasRoom(2); {
		s.Group.PostTo(2, netpoll.Post{}, filler)
	}
	_ = p.Received()
	p.Send(text("no"))
	if got := pending(); got[0] != 4 {
		t.Errorf("%d bytes in the round of the first reactor after a message that the third had no room for", got[0])
	}
	if got := p.Received(); len(got) < 4 || got[len(got)-len("send more slowly")-4] != 0x88 {
		t.Errorf("the sender received %q", got)
	}
}

func TestSocketsFitTheDescriptorLimit(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	n, err := maxSockets()
	if err != nil || n < 1 || uint64(n)+reservedDescriptors > limit.Cur {
		t.Errorf("%d sockets with a limit of %d descriptors, %v", n, limit.Cur, err)
	}
}
