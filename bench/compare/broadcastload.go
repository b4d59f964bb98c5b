package main

import (
	"errors"
	"time"
)

// broadcastLoad has some connections send to all, with a number of messages outstanding each. A message is outstanding until
// every connection has received it. The dialect knows a message's sender without reading it. The messages of one sender arrive
// in order everywhere.
type broadcastLoad struct {
	*tally
	dialect     *dialect
	outstanding int
	senders     []sender
	delivered   []uint32 // messages that each connection has received from each sender
	receivers   int      // connections that receive each message
	last        int      // the connection that sent last, if the sender changes with each message
}

// sender is one source of messages. sent and deliveries are kept by a message's number modulo outstanding.
type sender struct {
	frame      []byte
	sent       []time.Time // of the outstanding messages
	deliveries []int       // of the outstanding messages so far
	next       uint32      // number of the next message
	due        int         // messages to send after the current reads
}

var errDuplicate = errors.New("a connection received more messages than were sent")

func newBroadcastLoad(j job, d *dialect) *broadcastLoad {
	b := &broadcastLoad{
		tally: newTally(), outstanding: j.Outstanding, delivered: make([]uint32, j.Connections*j.Senders),
		dialect: d, receivers: j.Connections,
	}
	if !d.echoesToSender {
		b.receivers--
	}
	for i := range j.Senders {
		b.senders = append(b.senders, sender{
			frame: d.broadcast(i), due: j.Outstanding,
			sent: make([]time.Time, j.Outstanding), deliveries: make([]int, j.Outstanding),
		})
	}
	return b
}

func (b *broadcastLoad) begin(f *fleet) error { return b.afterReads(f) }

func (b *broadcastLoad) received(_ *fleet, c *conn, now time.Time) error {
	index := b.dialect.sender(&c.stream)
	if index < 0 || index >= len(b.senders) {
		if b.dialect.unsolicited {
			return nil
		}
		return errors.New("a message arrived that no client has sent")
	}
	s, number := &b.senders[index], &b.delivered[c.index*len(b.senders)+index]
	if *number == s.next {
		return errDuplicate
	}
	slot := *number % uint32(b.outstanding)
	*number++
	b.add(now.Sub(s.sent[slot]))
	if s.deliveries[slot]++; s.deliveries[slot] == b.receivers {
		s.due++
	}
	return nil
}

// afterReads sends the messages that have become due: one write a sender, as a client does that has several at once.
func (b *broadcastLoad) afterReads(f *fleet) error {
	for i := range b.senders {
		s := &b.senders[i]
		if s.due == 0 {
			continue
		}
		now, from := time.Now(), b.from(f, i)
		if !b.dialect.echoesToSender {
			b.delivered[from.index*len(b.senders)+i] += uint32(s.due)
		}
		var frames []byte
		for ; s.due > 0; s.due-- {
			slot := s.next % uint32(b.outstanding)
			s.sent[slot], s.deliveries[slot] = now, 0
			s.next++
			frames = append(frames, s.frame...)
		}
		if err := from.send(frames, now); err != nil {
			return err
		}
	}
	return nil
}

// from returns the connection that a sender uses. Senders are spread over all connections, since a server has them in some
// order, in which the last may be cheaper than the first.
func (b *broadcastLoad) from(f *fleet, sender int) *conn {
	if len(b.senders) == 1 && b.outstanding == 1 {
		b.last = (b.last + 7919) % len(f.conns) // a prime, so that every connection has its turn
		return &f.conns[b.last]
	}
	return &f.conns[sender*len(f.conns)/len(b.senders)]
}
