package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// fate is what the sender of a message is told of it.
type fate struct {
	said                     *message
	numbered, online, stored bool
	seq                      uint64 // that was told before; 0: none was
}

// receipt is the fate of a message with an id, which the node may have to tell again.
type receipt struct {
	id          string
	said        *message
	connections int    // an administrator's message: for which it was posted
	seq         uint64 // as it was told; 0: it was not yet
}

// receipts are those of one sender, in the order in which the messages were accepted.
type receipts struct{ list []*receipt }

// certainty says whether the node remembers a receipt.
type certainty uint8

const (
	forgotten  certainty = iota
	perhaps              // both are right: the contract says how much is remembered at least
	remembered           // it is among the last ones, and younger than the age
)

// generations is for how many ages a receipt may be remembered at most: it is in two generations, each of which may begin an
// age before the receipt and may be kept for an age after the next one has begun.
const generations = 3

// add adds the receipt of a message, unless it was dropped: nothing but its number remains of a message to a user who is away
// if the message is too large to be kept.
func (r *receipts) add(id string, said *message, connections int, seq uint64) {
	if !said.taken || said.to != nil && !said.online && !said.stored && !said.unsure {
		return
	}
	r.list = append(r.list, &receipt{id, said, connections, seq})
}

// recall returns the receipt of the last message with an id, and whether the node remembers it.
func (r *receipts) recall(id string, b *bounds, last int, now time.Time) (*receipt, certainty) {
	for i := len(r.list) - 1; i >= 0; i-- {
		known := r.list[i]
		if known.id != id {
			continue
		}
		switch old := now.Sub(known.said.at); {
		case last <= 0 || b.age <= 0 || old > generations*b.age:
			return known, forgotten
		case b.shared || known.said.unsure || old >= b.age || len(r.list)-i > last:
			return known, perhaps
		}
		return known, remembered
	}
	return nil, forgotten
}

// number is the message's number, as the model knows it or as it was told.
func (r *receipt) number() uint64 {
	if n := r.said.number(); n > 0 && !r.said.era.loose {
		return n
	}
	return r.seq
}

// sayAgain sends a message that wants an acknowledgement once more, with other data: the node compares the id alone. It is the
// last message, any earlier one, or one whose connection was lost before it was acknowledged. It reports false if there is none.
func (c *client) sayAgain() bool {
	u, w := c.user, c.w
	var it item
	switch n := len(u.acked.list); {
	case c.manner != polite || c.narrow || c.phase != live:
		return false // the answer may not come, and only the answer says what has become of it
	case len(u.unacked) > 0:
		it, u.unacked = u.unacked[0], u.unacked[1:]
	case n > 0:
		old := u.acked.list[n-1-w.random.IntN(min(n, 1+w.random.IntN(8)))]
		it = item{kind: itemSay, id: old.id, what: "text", ack: true, said: old.said}
	default:
		return false
	}
	if known, _ := u.acked.recall(it.id, &w.sc.history, w.sc.history.messages, w.net.Now()); known != nil && known.number() == 0 {
		return false // nobody could tell the old number from a new one
	}
	_, it.data, it.said = w.model.utter(u, it.said.to, it.said.topic, w.padding[:w.random.IntN(60)])
	it.again = true
	c.say(it)
	return true
}

// actOnSay acts on a message that wants an acknowledgement. If the node may or may not remember that it was sent before, its
// acknowledgement says which, and the client acts on nothing more until then.
func (c *client) actOnSay(it item) {
	known, sure := c.user.acked.recall(it.id, &c.w.sc.history, c.w.sc.history.messages, c.w.net.Now())
	switch sure {
	case remembered:
		c.remember(it, known)
	case perhaps:
		c.held = &it
	case forgotten:
		c.accept(it)
	}
}

// resolveAgain takes the acknowledgement of a message whose receipt the node may have forgotten.
func (c *client) resolveAgain(text []byte) {
	it := *c.held
	var m acknowledgement
	if json.Unmarshal(text, &m) != nil || m.ID != it.id {
		return
	}
	c.held = nil
	known, _ := c.user.acked.recall(it.id, &c.w.sc.history, c.w.sc.history.messages, c.w.net.Now())
	if m.Data.Seq == known.number() {
		c.w.tally.edge++
		c.remember(it, known)
	} else {
		c.w.tally.anew++
		c.accept(it)
	}
	c.act()
}

// remember expects the acknowledgement of a message that was sent before.
func (c *client) remember(it item, known *receipt) {
	m := known.said
	c.w.tally.again++
	c.expect(answer{kind: opText, text: []byte(it.id), ack: &fate{m, true, m.online, m.stored, known.number()}})
}

// acknowledge expects the acknowledgement of a new message.
func (c *client) acknowledge(it item) {
	m := it.said
	c.user.acked.add(it.id, m, 0, 0)
	c.expect(answer{kind: opText, text: []byte(it.id), ack: &fate{m, m.taken, m.online, m.stored, 0}})
}

// acknowledgement is an ack message.
type acknowledgement struct {
	ID   string
	Type string `json:"message_type"`
	Data struct {
		Seq            uint64
		Online, Stored bool
	}
}

// receiveAck compares an acknowledgement with the message's fate.
func (c *client) receiveAck(due answer, text []byte) error {
	var m acknowledgement
	err := json.Unmarshal(text, &m)
	f, said := due.ack, m.Data
	right := err == nil && m.Type == "ack" && m.ID == string(due.text) && said.Online == f.online && (said.Stored == f.stored || f.said.unsure)
	switch {
	case f.seq > 0:
		right = right && said.Seq == f.seq
	case f.numbered:
		right = right && f.said.era.numbered(f.said.index+1, said.Seq)
	default:
		right = right && !bytes.Contains(text, []byte(`"seq"`))
	}
	if !right {
		return fmt.Errorf("acknowledged with %s, due was %s: online %v, stored %v, number %d", text, due.text, f.online, f.stored, f.seq)
	}
	for _, known := range c.user.acked.list {
		if known.said == f.said {
			known.seq = said.Seq
		}
	}
	c.w.tally.acks++
	c.unacked = slices.DeleteFunc(c.unacked, func(it item) bool { return it.id == m.ID })
	return nil
}
