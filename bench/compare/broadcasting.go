package main

import (
	"errors"
	"time"
)

// broadcasting is a player in which some connections send to all, each with some messages outstanding. A message is
// delivered when every receiver has it. The sender of a message follows from its size, which is broadcastBytes plus the
// sender's number, so that payloads need not be read. The messages of one sender arrive in order.
type broadcasting struct {
	*tally
	outstanding int
	senders     []sender
	received    []uint32 // messages that each connection has received from each sender
	soloSender  int      // index of the sending connection, if there is one sender with one message; it changes with each message
	dialect     *dialect
	receivers   int // connections that receive each message
}

type sender struct {
	frame     []byte
	sent      []time.Time // of the outstanding messages, at their number modulo their maximum
	receivers []int       // connections that have received each of them
	next      uint32      // number of the next message
	due       int         // messages to send after the current events
}

var errTooMany = errors.New("a connection got more messages than were sent")

func newBroadcasting(j job, speaks *dialect) *broadcasting {
	b := &broadcasting{
		tally: newTally(), outstanding: j.Outstanding, received: make([]uint32, j.Connections*j.Senders),
		dialect: speaks, receivers: j.Connections,
	}
	if !speaks.echoesToSender {
		b.receivers--
	}
	for i := range j.Senders {
		b.senders = append(b.senders, sender{
			frame: speaks.broadcast(i), due: j.Outstanding,
			sent: make([]time.Time, j.Outstanding), receivers: make([]int, j.Outstanding),
		})
	}
	return b
}

func (b *broadcasting) begin(f *fleet) error { return b.flush(f) }

func (b *broadcasting) message(f *fleet, c *conn, size int, now time.Time) error {
	number := size - b.dialect.receivedBytes
	if number < 0 || number >= len(b.senders) {
		if b.dialect.unsolicited {
			return nil
		}
		return errors.New("a message has a size that was not sent")
	}
	s, got := &b.senders[number], &b.received[c.index*len(b.senders)+number]
	if *got == s.next {
		return errTooMany
	}
	slot := *got % uint32(b.outstanding)
	*got++
	b.add(now.Sub(s.sent[slot]))
	if s.receivers[slot]++; s.receivers[slot] == b.receivers {
		s.due++
	}
	return nil
}

// flush sends what has become due, with one write for each sender.
func (b *broadcasting) flush(f *fleet) error {
	for i := range b.senders {
		s := &b.senders[i]
		if s.due == 0 {
			continue
		}
		now, from := time.Now(), b.senderConn(f, i)
		if !b.dialect.echoesToSender {
			b.received[from.index*len(b.senders)+i] += uint32(s.due)
		}
		var frames []byte
		for ; s.due > 0; s.due-- {
			slot := s.next % uint32(b.outstanding)
			s.sent[slot], s.receivers[slot] = now, 0
			s.next++
			frames = append(frames, s.frame...)
		}
		if err := from.send(frames, now); err != nil {
			return err
		}
	}
	return nil
}

// senderConn is the connection of a sender. The senders are spread over all connections, because a server has its
// connections in some order, and the last may be cheaper than the first.
func (b *broadcasting) senderConn(f *fleet, number int) *conn {
	if len(b.senders) == 1 && b.outstanding == 1 {
		b.soloSender = (b.soloSender + 7919) % len(f.conns) // a prime, so that every connection has its turn
		return &f.conns[b.soloSender]
	}
	return &f.conns[number*len(f.conns)/len(b.senders)]
}
