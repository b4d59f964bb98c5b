package server

import (
	"strconv"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/topics"
)

// losses sends gap messages to the clients of a reactor: it reports messages of the cluster that they do not get, because the reactor had
// too much to send, or because the bus no longer had the messages. Consecutive losses of a channel are reported together, before its next
// message or in the next tick.
type losses struct {
	*base
	encoder
	replays *replays
	spans   map[lossKey]span
	data    []byte
}

// lossKey names a channel on a reactor: the broadcast, a topic, or the direct messages for one connection.
type lossKey struct {
	topic *topics.Topic
	to    netpoll.Handle
}

// span is a range of sequence numbers, both ends included.
type span struct{ from, to uint64 }

func newLosses(b *base, r *replays) losses {
	return losses{base: b, replays: r, encoder: encoder{base: b}, spans: make(map[lossKey]span)}
}

// add records a loss, from the post that lostPost made.
func (l *losses) add(p *netpoll.Post) {
	key := lossKey{to: p.To}
	key.topic, _ = p.Ref.(*topics.Topic)
	lost := span{p.Meta[0], p.Meta[1]}
	switch {
	case key.topic != nil:
		here := &key.topic.Here[l.reactor.Index()]
		here.Applied = max(here.Applied, lost.to)
	case p.To == 0:
		l.applied = max(l.applied, lost.to)
	}
	if had, ok := l.spans[key]; ok && had.to+1 == lost.from {
		lost.from = had.from
	} else if ok {
		l.report(key)
	} else if len(l.spans) == maxLosses {
		l.reportAll()
	}
	l.spans[key] = lost
	l.reactor.WantTick()
}

// report sends the gap message of a channel, if it has a loss that is not reported yet.
func (l *losses) report(key lossKey) {
	lost, ok := l.spans[key]
	if !ok {
		return
	}
	delete(l.spans, key)
	l.node.relay.figures.gaps.Add(1)
	frame := l.frame(key, lost)
	switch s := l.live(key.to); {
	case key.topic != nil:
		if id := key.topic.Here[l.reactor.Index()].ID; id != 0 {
			l.fanout.AddTo(fanout.Topic(id), frame, nil, uuid.Nil, uint32(l.reactor.Moment()))
		}
	case key.to == 0:
		l.fanout.Add(frame, nil, uuid.Nil, uint32(l.reactor.Moment()))
	case s != nil:
		l.deliver(s, frame)
	}
}

// reportAll reports the losses of all channels.
func (l *losses) reportAll() {
	for key := range l.spans {
		l.report(key)
	}
}

// frame makes the gap message.
func (l *losses) frame(key lossKey, lost span) []byte {
	channel := "broadcast"
	switch {
	case key.topic != nil:
		channel = "topic"
	case key.to != 0:
		channel = "direct"
	}
	d := append(append(append(l.data[:0], `{"channel":"`...), channel...), '"')
	if key.topic != nil {
		d = protocol.AppendString(append(d, `,"topic":`...), key.topic.Name)
	}
	d = strconv.AppendUint(append(d, `,"from":`...), lost.from, 10)
	d = strconv.AppendUint(append(d, `,"to":`...), lost.to, 10)
	l.data = append(d, '}')
	return l.encode(protocol.Outgoing{Type: protocol.Gap, Data: l.data})
}

// renumber sets the numbers of a channel to those of a new epoch. For direct messages it sends the client its new position.
func (l *losses) renumber(p *netpoll.Post) {
	topic, _ := p.Ref.(*topics.Topic)
	switch {
	case topic != nil:
		l.renumberTopic(topic, p.Meta[0], uint32(p.Meta[1]))
	case p.To == 0:
		l.applied, l.epoch = p.Meta[0], uint32(p.Meta[1])
		l.replays.renumber()
	default:
		if s := l.live(p.To); s != nil && s.positions {
			l.node.relay.figures.positions.Add(1)
			l.deliver(s, l.position(p.Meta[0], uint32(p.Meta[1])))
		}
	}
}

// renumberTopic sets the number of a topic to that of a new epoch, and sends it to the subscribers.
func (l *losses) renumberTopic(t *topics.Topic, seq uint64, epoch uint32) {
	here := &t.Here[l.reactor.Index()]
	if here.ID == 0 {
		return
	}
	here.Applied, here.Epoch = seq, epoch
	d := protocol.AppendString(append(l.data[:0], `{"topic":`...), t.Name)
	d = strconv.AppendUint(append(d, `,"seq":`...), seq, 10)
	d = append(append(append(d, `,"epoch":"`...), l.node.relay.epochs.epoch(epoch).String()...), `"}`...)
	l.data = d
	frame := l.encode(protocol.Outgoing{Type: protocol.Position, Data: d})
	l.fanout.AddTo(fanout.Topic(here.ID), frame, nil, uuid.Nil, uint32(l.reactor.Moment()))
}

// deliver sends a frame to a session, after all messages that were posted for it.
func (l *losses) deliver(s *session, frame []byte) {
	if l.replays.hold(s, frame) {
		return
	}
	var sent fanout.Count
	l.fanout.Deliver(s, frame, &sent)
}

// position makes the message with a client's new position.
func (l *losses) position(direct uint64, epoch uint32) []byte {
	var in history.Membership
	in.Enter(epoch)
	d := l.appendEpoch(append(l.data[:0], `{"epoch":"`...), in)
	d = strconv.AppendUint(append(d, `","broadcast":`...), l.applied, 10)
	d = strconv.AppendUint(append(d, `,"direct":`...), direct, 10)
	l.data = append(d, '}')
	return l.encode(protocol.Outgoing{Type: protocol.Position, Data: l.data})
}
