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
}

// sayAgain sends a message that wants an acknowledgement once more: the last one, or one whose connection was lost before it
// was acknowledged. It reports false if there is none.
func (c *client) sayAgain() bool {
	u, w := c.user, c.w
	var it item
	switch {
	case !w.sc.history.keep() || w.sc.history.shared || w.stalling:
		return false // nobody could know whether the receipt is remembered when the node reads the message
	case len(u.unacked) > 0:
		it, u.unacked = u.unacked[0], u.unacked[1:]
	case len(u.acked) > 0:
		it = u.acked[len(u.acked)-1]
	default:
		return false
	}
	if it.said.taken && !c.surelyRemembered(it) || c.phase != live {
		return false
	}
	it.again = true
	w.repeating++
	c.say(it)
	return true
}

// surelyRemembered says that the receipt of a message will be there also when the node reads the message again.
func (c *client) surelyRemembered(it item) bool {
	n := len(c.user.acked)
	return c.w.net.Now().Sub(it.said.at) < c.w.sc.history.age-readTime && n > 0 && c.user.acked[n-1].said == it.said
}

// readTime is by when the node has read what a client has sent: a process does not stall while a message is sent again.
const readTime = 4 * time.Second

// repeats reports whether a message has been sent before, and its receipt is remembered. The model knows no more than the
// contract: a message that is sent again later than that would have an unknown fate.
func (u *user) repeats(it item, b *bounds, now time.Time) bool {
	if !it.ack || !it.said.taken {
		return false
	}
	last := u.acked[max(0, len(u.acked)-b.messages):]
	return now.Sub(it.said.at) < b.age && slices.ContainsFunc(last, func(other item) bool { return other.said == it.said })
}

// acknowledge expects the acknowledgement of a message.
func (c *client) acknowledge(it item) {
	m := it.said
	c.expect(answer{kind: opText, text: []byte(it.id), ack: &fate{m, m.taken, m.online, m.stored}})
}

// hearAck compares an acknowledgement with the message's fate.
func (c *client) hearAck(due answer, text []byte) error {
	var m struct {
		ID   string
		Type string `json:"message_type"`
		Data struct {
			Seq            uint64
			Online, Stored bool
		}
	}
	err := json.Unmarshal(text, &m)
	f, said := due.ack, m.Data
	right := err == nil && m.Type == "ack" && m.ID == string(due.text) && said.Online == f.online && (said.Stored == f.stored || f.said.unsure)
	if f.numbered {
		right = right && f.said.era.numbered(f.said.index+1, said.Seq)
	} else {
		right = right && !bytes.Contains(text, []byte(`"seq"`))
	}
	if !right {
		return fmt.Errorf("acknowledged with %s, due was %s: online %v, stored %v", text, due.text, f.online, f.stored)
	}
	c.w.tally.acks++
	c.unacked = slices.DeleteFunc(c.unacked, func(it item) bool { return it.id == m.ID })
	return nil
}
