package sim

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// receivedMessage is a message of a node, with the fields that a rider reads.
type receivedMessage struct {
	ID    string          `json:"id"`
	Type  string          `json:"message_type"`
	Data  json.RawMessage `json:"data"`
	To    string          `json:"to_user_id"`
	Topic string          `json:"topic"`
	Seq   uint64          `json:"seq"`
}

// tidings is the data of a welcome, a position, a gap, an ack, an error, a subscription or a presence message.
type tidings struct {
	Epoch     string    `json:"epoch"`
	Topic     string    `json:"topic"`
	Channel   string    `json:"channel"`
	Broadcast uint64    `json:"broadcast"`
	Direct    uint64    `json:"direct"`
	Seq       uint64    `json:"seq"`
	Resumed   *bool     `json:"resumed"`
	Reason    string    `json:"reason"`
	Missed    int       `json:"missed"`
	From      uint64    `json:"from"`
	To        uint64    `json:"to"`
	Code      string    `json:"code"`
	Ref       string    `json:"ref_id"`
	Error     string    `json:"error"`
	User      string    `json:"user_id"`
	Topics    []tidings `json:"topics"`
}

func (r *rider) receive(text []byte) {
	r.f.note("%s receives %s", r, text)
	var m receivedMessage
	if err := json.Unmarshal(text, &m); err != nil {
		r.f.fail(numbersRise, "%s receives %q: %v", r, text, err)
	}
	if m.Type == "text" {
		r.message(&m)
		return
	}
	var n tidings
	if m.Data != nil && json.Unmarshal(m.Data, &n) != nil {
		r.f.fail(numbersRise, "%s receives %q", r, text)
	}
	switch m.Type {
	case "welcome", "position":
		r.position(&n, m.Type)
	case "unsubscribed":
		r.subscribe()
	case "subscribed":
		r.asking = false
		for i := range n.Topics {
			r.subscribed(&n.Topics[i])
		}
	case "gap":
		r.gap(&n)
	case "ack":
		r.ack(m.ID, &n)
	case "error":
		r.sorry(&n)
	case "user_joined", "user_left":
		r.presence(n.User, m.Type == "user_joined")
	}
}

// placeOf returns the place of a topic.
func (r *rider) placeOf(topic string) *progress {
	for i := range r.places[firstTopic:] {
		if p := &r.places[firstTopic+i]; p.name == topic {
			return p
		}
	}
	r.f.fail(numbersRise, "%s receives of topic %q", r, topic)
	return nil
}

// position takes the answer to a resume, or the numbers of another epoch.
func (r *rider) position(n *tidings, kind string) {
	switch {
	case n.Resumed != nil && *n.Resumed:
	case n.Topic != "":
		r.restart(r.placeOf(n.Topic), n.Epoch, n.Seq, kind)
	default:
		r.restart(&r.places[toAll], n.Epoch, n.Broadcast, kind+" "+n.Reason)
		r.restart(&r.places[toSelf], n.Epoch, n.Direct, kind+" "+n.Reason)
	}
}

// restart begins a channel anew after a number: the client was told that it may have missed something, and why.
func (r *rider) restart(p *progress, epoch string, seq uint64, why string) {
	if p.epoch != "" && why != "" {
		r.f.losses++
		r.justify(p, epoch, why)
	}
	p.epoch, p.last, p.floor, p.had, p.gaps, p.renumbered = epoch, seq, seq, nil, nil, false
	clear(p.senders)
	clear(p.ids) // the node may lack what the client has had
}

// justify checks that there is reason to tell a loss: another epoch, messages that are not kept, or a node that does not reach the bus.
func (r *rider) justify(p *progress, epoch, why string) {
	f := r.f
	if f.ample && !f.lost && f.seen[refusedJoins] == 0 && p.epoch == epoch {
		f.fail(resumedIsComplete, "%s was at %d of %v in epoch %s, and is told %q in epoch %s; nothing can be lost", r, p.last, p.channel, p.epoch, why, epoch)
	}
}

// subscribed takes an entry of the answer to a subscribe message.
func (r *rider) subscribed(n *tidings) {
	p := r.placeOf(n.Topic)
	if n.Error != "" {
		r.f.fail(numbersRise, "%s is refused topic %s: %s", r, n.Topic, n.Error)
	}
	if n.Resumed == nil || !*n.Resumed {
		r.restart(p, n.Epoch, n.Seq, n.Reason) // "": it was asked from the present on
	}
	p.epoch = n.Epoch
}

func (r *rider) gap(n *tidings) {
	p := &r.places[toAll]
	switch n.Channel {
	case "direct":
		p = &r.places[toSelf]
	case "topic":
		p = r.placeOf(n.Topic)
	}
	r.f.losses++
	r.justify(p, p.epoch, "gap")
	if n.From > n.To {
		r.f.fail(numbersRise, "%s is told a gap from %d to %d", r, n.From, n.To)
	}
	for _, seq := range p.had {
		if n.From <= seq && seq <= n.To {
			r.f.fail(numbersRise, "%s is told a gap from %d to %d of %v, and has had %d", r, n.From, n.To, p.channel, seq)
		}
	}
	p.gaps = append(p.gaps, span{n.From, n.To})
	p.last = max(p.last, n.To)
}

// message takes a message of another client.
func (r *rider) message(m *receivedMessage) {
	f, p := r.f, &r.places[toAll]
	switch {
	case m.To != "":
		p = &r.places[toSelf]
	case m.Topic != "":
		p = r.placeOf(m.Topic)
	}
	if p.ids[m.ID] {
		if p.epoch == f.epochOf(p) {
			f.fail(onceEach, "%s gets message %s twice", r, m.ID)
		}
		p.renumbered = true // it was lost, and sent again: the position follows
		clear(p.senders)
	}
	p.ids[m.ID] = true
	if m.Seq == 0 {
		return // its node could not reach the bus
	}
	f.received++
	if !f.truth.has(m.ID, m.Seq) {
		f.fail(onceEach, "%s gets message %s with number %d, which the bus has not given it", r, m.ID, m.Seq)
	}
	if m.Seq <= p.last {
		if p.epoch == f.epochOf(p) {
			f.fail(numbersRise, "%s gets number %d of %v after %d", r, m.Seq, p.channel, p.last)
		}
		p.renumbered, p.had, p.gaps = true, nil, nil // the position follows
		clear(p.senders)
	}
	p.last = m.Seq
	p.had = append(p.had, m.Seq)
	r.follows(p, m.ID)
}

// follows checks that the messages of a connection come in the order in which they were sent.
func (r *rider) follows(p *progress, id string) {
	by, session, number, ok := parseUtterance(id)
	if !ok || r.f.riders[by].resent[id] {
		return
	}
	if last := p.senders[by]; last.session == session && last.number > number {
		r.f.fail(sendersOrder, "%s gets message %s of %v after number %d of that connection", r, id, p.channel, last.number)
	}
	p.senders[by] = utterer{session, number}
}

// ack takes the acknowledgement of a message.
func (r *rider) ack(id string, n *tidings) {
	f := r.f
	if before, again := r.acked[id]; again && before != n.Seq && f.truth.has(id, before) && f.truth.copies(id) > 1 {
		f.fail(acknowledgedStay, "%s: message %s is acknowledged with number %d, and was with %d", r, id, n.Seq, before)
	}
	r.acked[id] = n.Seq
	if n.Seq != 0 && !f.truth.has(id, n.Seq) {
		f.fail(acknowledgedStay, "%s: message %s is acknowledged with number %d, which it has not got", r, id, n.Seq)
	}
	r.settle(id)
}

// settle forgets a message that need not be sent again.
func (r *rider) settle(id string) {
	for i, u := range r.pending {
		if u.id == id {
			r.pending = append(r.pending[:i:i], r.pending[i+1:]...)
			return
		}
	}
}

// sorry takes an error: a message that was to be acknowledged is sent again later.
func (r *rider) sorry(n *tidings) {
	for _, u := range r.pending {
		if u.id == n.Ref {
			u.resendAt = r.f.now + time.Second
		}
	}
}

// presence takes an arrival or a departure.
func (r *rider) presence(user string, came bool) {
	id, err := uuid.Parse(user)
	if err != nil {
		r.f.fail(presenceConverges, "%s is told of user %q", r, user)
	}
	if was, told := r.told[user]; told && was == came && !r.f.lost && !r.f.blurred[id] {
		r.f.fail(presenceConverges, "%s is told twice that %v has come: %v", r, id, came)
	}
	r.told[user] = came
}
