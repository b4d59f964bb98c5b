package main

import (
	"log/slog"
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// simulation is a server in a simulated world.
type simulation struct {
	*netpolltest.World
	loops []*loop
}

// smallBudget is a loop whose rounds take several turns.
type smallBudget struct{ *loop }

func (s smallBudget) Work(int) bool { return s.loop.Work(2) }

// simulate makes an echo server in a simulated world, or a broadcasting one.
func simulate(t *testing.T, seed uint64, reactors int, broadcast bool, change func(*netpoll.Options)) *simulation {
	t.Helper()
	s := &simulation{}
	o := netpoll.Options{
		Reactors: reactors, MaxSockets: 1000, Outbound: outbound, Overflow: func() []byte { return overflow }, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(r *netpoll.Reactor) netpoll.Handler {
			l := &loop{heads: map[uint32]*head{}}
			if broadcast {
				l.post = func(frame []byte) bool { return postToOthers(s.Group, r, frame) }
			}
			s.loops = append(s.loops, l)
			return smallBudget{l}
		},
	}
	if change != nil {
		change(&o)
	}
	w, err := netpolltest.New(o, seed)
	if err != nil {
		t.Fatal(err)
	}
	s.World = w
	return s
}

// join opens a connection and does its handshake.
func (s *simulation) join() *netpolltest.Peer {
	p := s.Dial()
	p.Send([]byte(request))
	_ = p.Received()
	return p
}
