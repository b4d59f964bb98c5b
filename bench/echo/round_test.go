package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// hesitant is a loop whose rounds take several turns.
type hesitant struct{ *loop }

func (h hesitant) Work(int) bool { return h.loop.Work(2) }

// newWorld is a broadcasting server of two reactors in netpolltest's simulation.
func newWorld(t *testing.T, seed uint64) *netpolltest.World {
	t.Helper()
	var w *netpolltest.World
	w, err := netpolltest.New(netpoll.Options{
		Reactors: 2, MaxSockets: 1000, Outbound: outbound, Overflow: func() []byte { return overflow }, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(r *netpoll.Reactor) netpoll.Handler {
			return hesitant{&loop{heads: map[uint32]*head{}, post: func(frame []byte) bool {
				return postToOthers(w.Group, r, frame)
			}}}
		},
	}, seed)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// speaker is a client that remembers the last message of every speaker, including itself.
type speaker struct {
	*netpolltest.Peer
	said   int
	heard  map[int]int // by speaker: the number of its last message
	before map[int]int // what others had said when it came
	gone   bool
}

func (w *room) enter() {
	s := &speaker{Peer: w.Dial(), heard: map[int]int{}, before: map[int]int{}}
	for i, other := range w.all {
		s.before[i] = other.said
	}
	s.Send([]byte(request))
	_ = s.Received()
	w.all = append(w.all, s)
}

// room is the simulation with all speakers so far.
type room struct {
	*netpolltest.World
	all []*speaker
}

// TestRoundsReachEveryMemberOnceAndInOrder has members send, ping, join and leave between turns in random order. A
// member receives its own messages from before a ping or a close before the answer to that.
func TestRoundsReachEveryMemberOnceAndInOrder(t *testing.T) {
	for seed := range uint64(200) {
		w, random := &room{World: newWorld(t, seed)}, rand.New(rand.NewPCG(seed, 1))
		for range 8 {
			w.enter()
		}
		for range 400 {
			i := random.IntN(len(w.all))
			w.all[i].act(i, random.IntN(100), w)
			w.all[i].listen(t, i)
		}
		w.Settle()
		for i, s := range w.all {
			s.listen(t, i)
			for from, other := range w.all {
				if !s.gone && !other.gone && other.said > s.before[from] && s.heard[from] != other.said {
					t.Fatalf("seed %d: %d heard up to %d from %d, who said %d", seed, i, s.heard[from], from, other.said)
				}
			}
		}
	}
}

// act does one thing, or lets the server take a turn.
func (s *speaker) act(own, what int, w *room) {
	switch {
	case what < 50 || s.gone:
		w.Step()
	case what < 85:
		s.said++
		s.Send(text(fmt.Sprint(own, " ", s.said)))
	case what < 98:
		s.Send(masked(0x89, fmt.Append(nil, own, " ", s.said)))
	default:
		s.gone = true
		s.Send(closing(1000))
		w.enter()
	}
}

// listen reads what has arrived, and checks that nothing is duplicated or out of order.
func (s *speaker) listen(t *testing.T, own int) {
	t.Helper()
	for b := s.Received(); len(b) > 0; {
		payload := string(b[2 : 2+b[1]])
		var from, number int
		_, _ = fmt.Sscan(payload, &from, &number)
		switch {
		case b[0] == 0x81 && s.heard[from] != 0 && number != s.heard[from]+1:
			t.Fatalf("%d hears number %d from %d behind %d", own, number, from, s.heard[from])
		case b[0] == 0x81:
			s.heard[from] = number
		case b[0] == 0x8a && s.heard[own] != number:
			t.Fatalf("%d has its pong to %q behind its message %d", own, payload, s.heard[own])
		case b[0] == 0x88 && s.heard[own] != s.said:
			t.Fatalf("%d said %d messages and heard %d before the close", own, s.said, s.heard[own])
		}
		b = b[2+b[1]:]
	}
}
