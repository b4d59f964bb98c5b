package main

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"momentum/netpoll/netpolltest"
)

// member is a client that keeps the number of the last message that it has received from each member, itself included.
type member struct {
	*netpolltest.Peer
	sent     int
	received map[int]int // by member: the number of its last message
	before   map[int]int // by member: the messages that it had sent before this one joined
	left     bool
}

// room is a broadcasting server and all clients that it has had.
type room struct {
	*simulation
	all []*member
}

func (r *room) enter() {
	m := &member{Peer: r.join(), received: map[int]int{}, before: map[int]int{}}
	for i, other := range r.all {
		m.before[i] = other.sent
	}
	r.all = append(r.all, m)
}

// TestRoundsReachEveryMemberOnceAndInOrder has members send, ping, join and leave between turns in random order. A member
// receives its own messages from before a ping or a close before the answer to that.
func TestRoundsReachEveryMemberOnceAndInOrder(t *testing.T) {
	for seed := range uint64(200) {
		w, random := &room{simulation: simulate(t, seed, 2, true, nil)}, rand.New(rand.NewPCG(seed, 1))
		for range 8 {
			w.enter()
		}
		for range 400 {
			i := random.IntN(len(w.all))
			w.all[i].act(i, random.IntN(100), w)
			w.all[i].receive(t, i)
		}
		w.Settle()
		for i, m := range w.all {
			m.receive(t, i)
			for from, other := range w.all {
				if !m.left && !other.left && other.sent > m.before[from] && m.received[from] != other.sent {
					t.Fatalf("seed %d: %d received up to %d from %d, which sent %d", seed, i, m.received[from], from, other.sent)
				}
			}
		}
	}
}

// act does one thing, or lets the server do one.
func (m *member) act(own, action int, r *room) {
	switch {
	case action < 50 || m.left:
		r.Step()
	case action < 85:
		m.sent++
		m.Send(text(fmt.Sprint(own, " ", m.sent)))
	case action < 98:
		m.Send(masked(0x89, fmt.Append(nil, own, " ", m.sent)))
	default:
		m.left = true
		m.Send(closing(1000))
		r.enter()
	}
}

// receive reads the frames that have arrived: none twice, none out of order, and no answer before a message that the member
// had sent earlier.
func (m *member) receive(t *testing.T, own int) {
	t.Helper()
	for b := m.Received(); len(b) > 0; {
		payload := string(b[2 : 2+b[1]])
		var from, number int
		_, _ = fmt.Sscan(payload, &from, &number)
		switch {
		case b[0] == 0x81 && m.received[from] != 0 && number != m.received[from]+1:
			t.Fatalf("%d receives number %d from %d after %d", own, number, from, m.received[from])
		case b[0] == 0x81:
			m.received[from] = number
		case b[0] == 0x8a && m.received[own] != number:
			t.Fatalf("%d has its pong to %q after its message %d", own, payload, m.received[own])
		case b[0] == 0x88 && m.received[own] != m.sent:
			t.Fatalf("%d sent %d messages and received %d before the close", own, m.sent, m.received[own])
		}
		b = b[2+b[1]:]
	}
}
