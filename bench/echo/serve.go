package main

import (
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sys/unix"

	"momentum/netpoll"
)

type config struct {
	addr      string
	broadcast bool
	reactors  int
	log       *slog.Logger
}

// serve creates the reactors, each with a loop as its handler, and returns when they accept connections.
func serve(c config) (*netpoll.Listener, error) {
	most, err := maxSockets()
	if err != nil {
		return nil, err
	}
	var group *netpoll.Group
	group, err = netpoll.NewGroup(netpoll.Options{
		Reactors:   c.reactors,
		MaxSockets: most,
		Overflow:   func() []byte { return overflow },
		Outbound:   outbound,
		Now:        time.Now,
		Log:        c.log,
		NewHandler: func(r *netpoll.Reactor) netpoll.Handler {
			l := &loop{heads: make(map[uint32]*head)}
			if c.broadcast {
				l.post = func(frame []byte) bool { return postToOthers(group, r, frame) }
			}
			return l
		},
	})
	if err != nil {
		return nil, err
	}
	return netpoll.Serve(group, c.addr)
}

// postToOthers gives a frame, which one reactor has already, to all others or, if one of them is full, to none.
func postToOthers(group *netpoll.Group, one *netpoll.Reactor, frame []byte) bool {
	one.Wake()
	for i := range group.Reactors() {
		if i != one.Index() && !group.HasRoom(i) {
			return false
		}
	}
	for i := range group.Reactors() {
		if i != one.Index() {
			group.PostTo(i, netpoll.Post{}, frame)
		}
	}
	return true
}

// maxSockets is what the descriptor limit leaves. It is no limit of the echo server's own, but an accept that
// runs out of descriptors would end the event loops.
func maxSockets() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("cannot read the descriptor limit: %w", err)
	}
	return int(min(limit.Cur, maxDescriptors)) - reservedDescriptors, nil
}
