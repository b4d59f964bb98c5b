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

// serve makes the reactors, each with a loop as its handler, and returns when they accept connections.
func serve(c config) (*netpoll.Listener, error) {
	limit, err := maxSockets()
	if err != nil {
		return nil, err
	}
	var group *netpoll.Group
	group, err = netpoll.NewGroup(netpoll.Options{
		Reactors:   c.reactors,
		MaxSockets: limit,
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

// postToOthers posts a frame, which one reactor has already, to all others. If one of them has no room, it posts to none and
// returns false.
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

// maxSockets returns how many connections the descriptor limit allows. The echo server needs no limit of its own, but an
// accept without a free descriptor would end the event loops.
func maxSockets() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("cannot read the descriptor limit: %w", err)
	}
	return int(min(limit.Cur, maxDescriptors)) - reservedDescriptors, nil
}
