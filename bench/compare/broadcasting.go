package main

import (
	"errors"
	"time"
)

// broadcasting has some connections send to all, each with some messages outstanding: one is over when every
// connection has it. A sender's messages are told from another's by their size, which is broadcastBytes and
// the sender's number, so that nobody need look into them; one sender's arrive in order everywhere.
type broadcasting struct {
	*tally
	outstanding int
	senders     []sender
	got         []uint32 // messages each connection has had of each sender
	one         int      // with one sender, which connection it is changes with every message
	speaks      *dialect
	hearers     int // connections that get each message
}

type sender struct {
	frame []byte
	sent  []time.Time // of the outstanding messages, at their number modulo how many
	had   []int       // connections that have had each
	next  uint32      // number of the next message
	due   int         // messages to send when the turn is over
}

var errTwice = errors.New("a connection got more messages than were sent")

func newBroadcasting(j job, speaks *dialect) *broadcasting {
	b := &broadcasting{
		tally: newTally(), outstanding: j.Outstanding, got: make([]uint32, j.Connections*j.Senders),
		speaks: speaks, hearers: j.Connections,
	}
	if !speaks.hearsOwn {
		b.hearers--
	}
	for i := range j.Senders {
		b.senders = append(b.senders, sender{
			frame: speaks.broadcast(i), due: j.Outstanding,
			sent: make([]time.Time, j.Outstanding), had: make([]int, j.Outstanding),
		})
	}
	return b
}

func (b *broadcasting) begin(f *fleet) error { return b.turned(f) }

func (b *broadcasting) message(f *fleet, c *conn, size int, now time.Time) error {
	number := size - b.speaks.heard
	if number < 0 || number >= len(b.senders) {
		if b.speaks.chatty {
			return nil
		}
		return errors.New("a message has another size than any that was sent")
	}
	s, got := &b.senders[number], &b.got[c.index*len(b.senders)+number]
	if *got == s.next {
		return errTwice
	}
	slot := *got % uint32(b.outstanding)
	*got++
	b.add(now.Sub(s.sent[slot]))
	if s.had[slot]++; s.had[slot] == b.hearers {
		s.due++
	}
	return nil
}

// turned sends what has become due: one write a sender, as a client does that has several messages at once.
func (b *broadcasting) turned(f *fleet) error {
	for i := range b.senders {
		s := &b.senders[i]
		if s.due == 0 {
			continue
		}
		now, from := time.Now(), b.from(f, i)
		if !b.speaks.hearsOwn {
			b.got[from.index*len(b.senders)+i] += uint32(s.due)
		}
		var frames []byte
		for ; s.due > 0; s.due-- {
			slot := s.next % uint32(b.outstanding)
			s.sent[slot], s.had[slot] = now, 0
			s.next++
			frames = append(frames, s.frame...)
		}
		if err := from.send(frames, now); err != nil {
			return err
		}
	}
	return nil
}

// from is the connection a sender sends by. It is spread over the crowd, since servers have their connections
// in some order and the last may be cheaper than the first.
func (b *broadcasting) from(f *fleet, number int) *conn {
	if len(b.senders) == 1 && b.outstanding == 1 {
		b.one = (b.one + 7919) % len(f.conns) // a prime: it comes by everybody
		return &f.conns[b.one]
	}
	return &f.conns[number*len(f.conns)/len(b.senders)]
}
