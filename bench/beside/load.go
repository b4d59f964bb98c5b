package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var errTooMany = errors.New("more messages arrived than were sent")

// filler makes a content as long as those of bench/cluster.
var filler = strings.Repeat("a", 40)

// load keeps a number of messages on their way.
type load struct {
	fleet    *fleet
	count    int64 // messages that have arrived everywhere
	received int64 // deliveries
	due      []int // messages that each client has to send
	active   []int // clients with such messages
	stopping bool
	underway int
	text     func(client int) []byte
}

func (l *load) add(client, messages int) {
	if l.due[client] == 0 {
		l.active = append(l.active, client)
	}
	l.due[client] += messages
}

// flush sends the messages that are due: one write a client.
func (l *load) flush() error {
	for _, client := range l.active {
		texts := make([][]byte, l.due[client])
		for i := range texts {
			texts[i] = l.text(client)
		}
		l.due[client] = 0
		l.underway += len(texts)
		if err := l.fleet.send(client, texts...); err != nil {
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
	var failure error
	step := func(done func() bool) error {
		err := l.fleet.run(d+patience, func() bool {
			failure = l.flush()
			return failure != nil || done()
		})
		if err != nil {
			err = fmt.Errorf("%w; %d messages are on their way", err, l.underway)
		}
		return errors.Join(err, failure)
	}
	l.stopping = false
	if err := step(passed(d)); err != nil {
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

// newBroadcasts gives the load to clients, from which the senders are chosen.
func newBroadcasts(f *fleet, senders, outstanding int) *broadcasts {
	b := &broadcasts{senders: make([]int, senders), got: make([]int, senders), outstanding: outstanding}
	b.fleet, b.due = f, make([]int, len(f.clients))
	which := make(map[int]int)
	for i := range b.senders {
		b.senders[i] = i * len(f.clients) / senders
		which[b.senders[i]] = i
	}
	b.text = func(client int) []byte {
		return f.message("", fmt.Sprintf("%c%02d%s", broadcastContent, which[client], filler), 0)
	}
	return b
}

func (b *broadcasts) receive(e *event) error {
	if e.kind != isMessage || len(e.content) < 3 || e.content[0] != broadcastContent {
		return nil
	}
	sender := int(number(e.content[1:3]))
	all := len(b.fleet.clients)
	if !b.fleet.echoes() {
		all--
	}
	b.received++
	if b.got[sender]++; b.got[sender] == all {
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

func newChats(f *fleet, outstanding int) *chats {
	l := &chats{outstanding: outstanding}
	l.fleet, l.due = f, make([]int, len(f.clients))
	l.text = func(client int) []byte {
		return f.message(f.clients[client^1].position.user, string(directContent)+filler, 0)
	}
	return l
}

func (l *chats) receive(e *event) error {
	if e.kind != isMessage || channelOf(e.content) != toUser {
		return nil
	}
	l.received++
	return l.arrived(e.client)
}

func (l *chats) work(d time.Duration) error {
	for client := 0; client < len(l.fleet.clients); client += 2 {
		l.add(client, l.outstanding)
	}
	return l.run(d)
}
