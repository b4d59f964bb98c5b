package main

import (
	"errors"
	"time"

	"momentum/bench/crowd"
)

var errTooMany = errors.New("more messages arrived than were sent")

// load keeps a number of messages on their way.
type load struct {
	crowd    *crowd.Crowd
	count    int64 // messages that have arrived everywhere
	received int64 // deliveries
	due      []int // messages that each client has to send
	active   []int // clients with such messages
	stopping bool
	underway int
	frame    func(client int) []byte
}

func (l *load) add(client, messages int) {
	if l.due[client] == 0 {
		l.active = append(l.active, client)
	}
	l.due[client] += messages
}

// flush sends what is due: one write a client.
func (l *load) flush() error {
	for _, client := range l.active {
		n := l.due[client]
		var frames []byte
		for range n {
			frames = append(frames, l.frame(client)...)
		}
		l.due[client] = 0
		l.underway += n
		if err := l.crowd.Send(client, frames); err != nil {
			return err
		}
	}
	l.active = l.active[:0]
	return nil
}

// arrived counts a message that has arrived everywhere, and has a client send another one.
func (l *load) arrived(next int) error {
	if l.underway--; l.underway < 0 {
		return errTooMany
	}
	if l.count++; !l.stopping {
		l.add(next, 1)
	}
	return nil
}

// run works for a time, and then waits until nothing is on its way.
func (l *load) run(d time.Duration) error {
	step := func(done func() bool) error {
		return l.crowd.Run(d+connectTime, func() bool { return l.flush() != nil || done() })
	}
	l.stopping = false
	if err := step(after(d)); err != nil {
		return err
	}
	l.stopping = true
	return step(func() bool { return l.underway == 0 && len(l.active) == 0 })
}

// broadcasts is a load of messages to all, from some senders.
type broadcasts struct {
	load
	senders     []int // clients
	got         []int // deliveries of each sender's messages
	outstanding int
}

func newBroadcasts(senders, outstanding int) *broadcasts {
	return &broadcasts{senders: make([]int, senders), got: make([]int, senders), outstanding: outstanding}
}

// on gives the load to clients, from which the senders are chosen.
func (b *broadcasts) on(c *crowd.Crowd) {
	b.crowd, b.due = c, make([]int, c.Len())
	which := make(map[int]byte)
	for i := range b.senders {
		b.senders[i] = i * c.Len() / len(b.senders)
		which[b.senders[i]] = byte(i)
	}
	b.frame = func(client int) []byte { return crowd.Text(crowd.Broadcast+which[client], -1, 32) }
}

func (b *broadcasts) receive(m *crowd.Message) error {
	sender := int(m.Tag) - crowd.Broadcast
	if sender < 0 || sender >= len(b.senders) {
		return nil
	}
	b.received++
	if b.got[sender]++; b.got[sender] == b.crowd.Len()-1 { // all but the sender
		b.got[sender] = 0
		return b.arrived(b.senders[sender])
	}
	return nil
}

// work sends for a time.
func (b *broadcasts) work(d time.Duration) error {
	for _, sender := range b.senders {
		b.add(sender, b.outstanding)
	}
	return b.run(d)
}

// chats is a load of direct messages: users in pairs answer each message with one.
type chats struct {
	load
	outstanding int
}

func (l *chats) on(c *crowd.Crowd) {
	l.crowd, l.due = c, make([]int, c.Len())
	l.frame = func(client int) []byte { return crowd.Text(crowd.Direct, client^1, 32) }
}

func (l *chats) receive(m *crowd.Message) error {
	if m.Tag != crowd.Direct {
		return nil
	}
	l.received++
	return l.arrived(m.Client)
}

func (l *chats) work(d time.Duration) error {
	for client := 0; client < l.crowd.Len(); client += 2 {
		l.add(client, l.outstanding)
	}
	return l.run(d)
}
