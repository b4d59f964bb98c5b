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

	directs channel
	known   bool       // the node has had a connection of the user
	seen    time.Time  // when it had one last, unless there are some
	marks   []bookmark // positions of clients that have no connection now
	acked   receipts   // of the messages that were to be acknowledged
	unacked []item     // messages whose connection was lost before they were acknowledged
}

func newUser(number int, b bounds) *user {
	name := fmt.Sprintf("user%d", number)
	return &user{id: auth.UserID(name + "@example.com"), name: name, directs: newChannel(b)}
}

// here reports whether the node knows the user: there is a connection, or there was one within the history's age.
func (u *user) here(now time.Time) bool {
	return len(u.live) > 0 || u.known && now.Sub(u.seen) < max(u.directs.age, graceTime)
}

// comes notes that the node has admitted a connection of the user.
func (u *user) comes(now time.Time) {
	if !u.here(now) && u.known {
		u.directs.forget()
	}
	u.known, u.seen = true, now
}

// mayHaveLeft reports whether the user's departure may be announced: not before the grace period has passed.
func (u *user) mayHaveLeft(now time.Time) bool {
	return len(u.live) > 0 || u.went.Sub(u.came) < graceTime+time.Second || now.Sub(u.went) >= graceTime
}

// message is one for others, said by a client or by the administrator.
type message struct {
	from  *user // nil: the administrator
	to    *user // nil for a broadcast, and for a topic
	topic *topic
	taken bool // the node has accepted it
	text  []byte
	place int // number of broadcasts that the node had accepted before it
	order int // number of messages that the node had accepted before it

	// In its channel.
	at             time.Time
	index          int
	era            *era
	sizes          [2]int // bytes that are kept: at least, at most
	online, stored bool   // what its sender is told
	unsure         bool   // it may be stored nevertheless: its size is the limit's but for the digits of an unknown number
}

// model holds the messages that the node has accepted so far.
type model struct {
	said     []*message // by number, which stands in the message's data
	accepted int        // how many the node has accepted
	forAll   channel    // broadcasts
	live     int        // connections
	online   int        // users
	received int        // deliveries that were checked
}

// utter gives a message its number and its data.
func (m *model) utter(from, to *user, topic *topic, pad []byte) (number int, data []byte, said *message) {
	said = &message{from: from, to: to, topic: topic}
	m.said = append(m.said, said)
	number = len(m.said) - 1
	data = strconv.AppendInt([]byte(`"m`), int64(number), 10)
	data = append(append(append(data, ' '), pad...), '"')
	return number, data, said
}

// envelope is how the node passes a message on.
func envelope(id, kind string, data []byte, stamp string, from, to *user, topic *topic) []byte {
	text := fmt.Appendf(nil, `{"id":"%s","message_type":"%s","data":%s,"timestamp":"%s"`, id, kind, data, stamp)
	if from != nil {
		text = fmt.Appendf(text, `,"from_user_id":"%s","from_username":"%s"`, from.id, from.name)
	}
	if to != nil {
		text = fmt.Appendf(text, `,"to_user_id":"%s"`, to.id)
	}
	if topic != nil {
		text = fmt.Appendf(text, `,"topic":"%s"`, topic.name)
	}
	return append(text, '}')
}

func stamp(now time.Time) string { return now.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// take accepts a message, which must be delivered from now on, and kept for clients that come back. A message for a user that
// the node does not know, or that is away and for whom nothing is kept, is not accepted; likewise for a topic.
func (m *model) take(said *message, now time.Time) {
	said.online, said.stored = m.live > 0, false
	if to := said.to; to != nil {
		said.online = len(to.live) > 0
		if !said.online && !(to.here(now) && to.directs.keep()) {
			return
		}
	}
	said.place, said.order = len(m.forAll.all), m.accepted
	if said.topic != nil && !said.topic.accept(said, now) {
		said.online = false
		return
	}
	said.taken = true
	m.accepted++
	if said.topic != nil {
		return
	}
	if said.to == nil {
		said.stored = m.forAll.post(said, now)
		return
	}
	said.stored = said.to.directs.post(said, now)
	for _, c := range said.to.live {
		c.owed = append(c.owed, said)
	}
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

// receives checks a message that has reached a client: it was sent, to this client, with these bytes, it comes once, and
// no message before it is missing.
func (m *model) receives(c *client, text []byte) error {
	m.received++
	n := m.number(text)
	if n < 0 || !m.said[n].taken {
		return fmt.Errorf("received a message that nobody sent: %.300q", text)
	}
	said := m.said[n]
	text, seq, numbered := cutSeq(text)
	if !numbered || !said.era.numbered(said.index+1, seq) {
		return fmt.Errorf("message %d has the number %d, due was %d: %.300q", n, seq, said.number(), text)
	}
	if !bytes.Equal(text, said.text) {
		return fmt.Errorf("message %d was changed:\nwant %.300q\ngot  %.300q", n, said.text, text)
	}
	switch {
	case said.topic != nil:
		return m.receivesTopic(c, n, said)
	case said.to != nil:
		return m.receivesDirect(c, n, said)
	}
	return m.receivesBroadcast(c, n, said)
}

// receivesDirect checks a message to the client's user alone. Messages that the client has missed keep the order of their
// channel, all others that of all channels.
func (m *model) receivesDirect(c *client, n int, said *message) error {
	if len(c.owed) == 0 || c.owed[0] != said {
		return fmt.Errorf("message %d, for %s alone: not owed now (%d owed to this client)", n, said.to.name, len(c.owed))
	}
	c.owed = c.owed[1:]
	c.mark.direct, c.mark.received = said.number(), said.index+1
	if c.replaying || said.order < c.since {
		return nil
	}
	if m.skipOwn(c, said.place); c.next != said.place {
		return fmt.Errorf("message %d: %d messages for all were to be received before it, %d were", n, said.place, c.next)
	}
	return c.receivesLive(n, said)
}

// receivesLive checks that live messages come in the order in which the node has accepted them, whatever their channel.
func (c *client) receivesLive(n int, said *message) error {
	if said.order < c.latest {
		return fmt.Errorf("message %d was overtaken by a later one", n)
	}
	c.latest = said.order
	return nil
}

// receivesBroadcast checks a message for all.
func (m *model) receivesBroadcast(c *client, n int, said *message) error {
	switch {
	case said.from == c.user:
		return fmt.Errorf("message %d: received its own user's", n)
	case len(c.owed) > 0 && c.owed[0].place <= said.place && !c.replaying:
		return fmt.Errorf("message %d overtook one for this user alone, %.100q", n, c.owed[0].text)
	}
	if m.skipOwn(c, said.place); c.next != said.place {
		return fmt.Errorf("message %d: %d messages for all were to be received before it, %d were", n, said.place, c.next)
	}
	c.next++
	c.mark.broadcast = said.number()
	if c.replaying || said.order < c.since {
		return nil
	}
	return c.receivesLive(n, said)
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
	for c.next < place && m.forAll.all[c.next].from == c.user {
		c.next++
	}
}

// missing describes the messages that a client did not receive though it is live and has read everything.
func (m *model) missing(c *client) error {
	m.skipOwn(c, len(m.forAll.all))
	switch {
	case c.next < len(m.forAll.all):
		return fmt.Errorf("has not received %d of %d messages for all, the next %.100q", len(m.forAll.all)-c.next, len(m.forAll.all), m.forAll.all[c.next].text)
	case len(c.owed) > 0:
		return fmt.Errorf("has not received %d messages for itself, the next %.100q", len(c.owed), c.owed[0].text)
	case len(c.answers) > 0:
		return fmt.Errorf("is owed %d answers, the next %.100q", len(c.answers), c.answers[0].text)
	case len(c.buffer) > 0:
		return fmt.Errorf("has %d bytes of an unfinished frame", len(c.buffer))
	}
	return c.missingTopics()
}
