package sim

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// The reference model holds the messages in the order in which the node accepted them, and the position of each
// client. It is written from docs/PROTOCOL.md and knows nothing of segments, cursors or mailboxes. It is stricter
// than the contract, which promises the order of each sender: here, all posts to a reactor arrive in the order of
// posting.

// user is a user, with any number of connections.
type user struct {
	id   uuid.UUID
	name string
	own  token // that they use for most they do
	account
	live  []*client // connections that the node must deliver to
	came  time.Time // when the first of them was admitted
	went  time.Time // when the last of them ended
	lost  losses    // connections that broke lately
	whole uint32    // tick at which the credit of the ended connections would be full
}

func newUser(number int) *user {
	name := fmt.Sprintf("user%d", number)
	return &user{id: auth.UserID(name + "@example.com"), name: name}
}

// mayHaveLeft reports whether the user's departure may be announced: not before the grace period has passed.
func (u *user) mayHaveLeft(now time.Time) bool {
	return len(u.live) > 0 || u.went.Sub(u.came) < graceTime+time.Second || now.Sub(u.went) >= graceTime
}

// message is one for others, said by a client or by the administrator.
type message struct {
	from  *user // nil: the administrator
	to    *user // nil for a broadcast
	taken bool  // the node has accepted it
	text  []byte
	place int // number of broadcasts that the node had accepted before it
}

// model holds the messages that the node has accepted so far.
type model struct {
	said   []*message // by number, which stands in the message's data
	forAll []*message // broadcasts, in the order of acceptance
	live   int        // connections
	online int        // users
	heard  int        // deliveries that were checked
}

// utter gives a message its number and its data.
func (m *model) utter(from, to *user, pad []byte) (number int, data []byte, said *message) {
	said = &message{from: from, to: to}
	m.said = append(m.said, said)
	number = len(m.said) - 1
	data = strconv.AppendInt([]byte(`"m`), int64(number), 10)
	data = append(append(append(data, ' '), pad...), '"')
	return number, data, said
}

// envelope is how the node passes a message on.
func envelope(id, kind string, data []byte, stamp string, from, to *user) []byte {
	text := fmt.Appendf(nil, `{"id":"%s","message_type":"%s","data":%s,"timestamp":"%s"`, id, kind, data, stamp)
	if from != nil {
		text = fmt.Appendf(text, `,"from_user_id":"%s","from_username":"%s"`, from.id, from.name)
	}
	if to != nil {
		text = fmt.Appendf(text, `,"to_user_id":"%s"`, to.id)
	}
	return append(text, '}')
}

func stamp(now time.Time) string { return now.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// take accepts a message, which must be delivered from now on. It reports false if its recipient is not online.
func (m *model) take(said *message) bool {
	if said.to != nil && len(said.to.live) == 0 {
		return false
	}
	said.taken, said.place = true, len(m.forAll)
	if said.to == nil {
		m.forAll = append(m.forAll, said)
		return true
	}
	for _, c := range said.to.live {
		c.owed = append(c.owed, said)
	}
	return true
}

// number returns the number in a received message, or -1 if it is none of ours.
func (m *model) number(text []byte) int {
	_, rest, found := bytes.Cut(text, []byte(`"data":"m`))
	digits, _, _ := bytes.Cut(rest, []byte(" "))
	n, err := strconv.Atoi(string(digits))
	if !found || err != nil || n < 0 || n >= len(m.said) {
		return -1
	}
	return n
}

// hears checks a message that has reached a client: it was sent, to this client, with these bytes, it comes once, and
// no message before it is missing.
func (m *model) hears(c *client, text []byte) error {
	m.heard++
	n := m.number(text)
	if n < 0 || !m.said[n].taken {
		return fmt.Errorf("heard what nobody said: %.300q", text)
	}
	said := m.said[n]
	text, seq, numbered := cutSeq(text)
	if !numbered {
		return fmt.Errorf("message %d has no number: %.300q", n, text)
	}
	if said.to == nil && seq != uint64(said.place)+1 || said.to != nil && seq <= c.direct {
		return fmt.Errorf("message %d, for all but %d, has the number %d after %d", n, said.place, seq, c.direct)
	}
	if said.to != nil {
		c.direct = seq
	}
	if !bytes.Equal(text, said.text) {
		return fmt.Errorf("message %d was changed:\nwant %.300q\ngot  %.300q", n, said.text, text)
	}
	if said.to != nil {
		if len(c.owed) == 0 || c.owed[0] != said {
			return fmt.Errorf("message %d, for %s alone: not owed now (%d owed to this client)", n, said.to.name, len(c.owed))
		}
		c.owed = c.owed[1:]
	} else if said.from == c.user {
		return fmt.Errorf("message %d: heard its own user's", n)
	} else if len(c.owed) > 0 && c.owed[0].place <= said.place {
		return fmt.Errorf("message %d overtook one for this user alone, %.100q", n, c.owed[0].text)
	}
	m.skipOwn(c, said.place)
	if c.next != said.place {
		return fmt.Errorf("message %d: %d messages for all were to be heard before it, %d were", n, said.place, c.next)
	}
	if said.to == nil {
		c.next++
	}
	return nil
}

// cutSeq takes the number in its channel, which comes last, out of a message.
func cutSeq(text []byte) (without []byte, seq uint64, ok bool) {
	at := bytes.LastIndex(text, []byte(`,"seq":`))
	if at < 0 {
		return text, 0, false
	}
	seq, err := strconv.ParseUint(string(bytes.TrimSuffix(text[at+len(`,"seq":`):], []byte("}"))), 10, 64)
	return append(text[:at:at], '}'), seq, err == nil
}

// skipOwn moves a client past the broadcasts of its own user, up to the given place.
func (m *model) skipOwn(c *client, place int) {
	for c.next < place && m.forAll[c.next].from == c.user {
		c.next++
	}
}

// missing describes the messages that a client did not receive though it is live and has read everything.
func (m *model) missing(c *client) error {
	m.skipOwn(c, len(m.forAll))
	switch {
	case c.next < len(m.forAll):
		return fmt.Errorf("has not heard %d of %d messages for all, the next %.100q", len(m.forAll)-c.next, len(m.forAll), m.forAll[c.next].text)
	case len(c.owed) > 0:
		return fmt.Errorf("has not heard %d messages for itself, the next %.100q", len(c.owed), c.owed[0].text)
	case len(c.answers) > 0:
		return fmt.Errorf("is owed %d answers, the next %.100q", len(c.answers), c.answers[0].text)
	case len(c.buffer) > 0:
		return fmt.Errorf("has %d bytes of an unfinished frame", len(c.buffer))
	}
	return nil
}
