package sim

import (
	"bytes"
	"slices"
)

// The checkToken of subscriptions looks at the messages that the node writes, at the moment at which it writes them: then it has
// subscribed the client, and live messages follow.

// hold acts on a subscribe or unsubscribe message, as far as it can be known: the answer says when the node has done it.
func (c *client) hold(it item) { c.held = &it }

// release ends the wait for an answer that has not come with the read: the message must have reason to wait.
func (c *client) release() {
	for c.held != nil && c.phase == live {
		it := *c.held
		if c.held = nil; it.again || !c.replaying && !c.ahead(it) {
			c.w.fail(c, "it is not answered at once: %s", it.id)
		}
		c.waiting = append(c.waiting, it)
		c.act()
	}
}

// ahead says that the client has had a message of a topic that may still be on its way to its reactor.
func (c *client) ahead(it item) bool {
	return it.kind == itemSubscribe && slices.ContainsFunc(it.list, func(x wish) bool {
		return x.asked && x.from.index > c.w.topicOf(x.name).applied(c.w.quiet)
	})
}

// attentive says that what the node writes may say something about the client's topics.
func (c *client) attentive() bool {
	return c.held != nil || len(c.waiting) > 0 || c.renewal != nil || c.joinsDue
}

// watchTopics looks at what the node writes.
func (c *client) watchTopics(b []byte) {
	for len(b) > 0 && c.attentive() && !c.lawless {
		f, rest, whole := cutFrame(b)
		if !whole {
			return
		}
		if b = rest; f.first == finBit|opText {
			c.watchText(f.payload)
		}
	}
}

func (c *client) watchText(text []byte) {
	_, rest, _ := bytes.Cut(text, []byte(`"message_type":"`))
	kind, _, _ := bytes.Cut(rest, []byte(`"`))
	switch string(kind) {
	case "ack":
		if c.held != nil && c.held.again {
			c.resolveAgain(text)
		}
	case "subscribed":
		c.checkSubscribed(text)
	case "unsubscribed":
		c.checkUnsubscribed(text)
	case "refreshed":
		c.followToken()
	case "error":
		c.checkAskError(text)
	}
}

// followToken takes the claim of the new token, which covers the client from now on.
func (c *client) followToken() {
	if c.renewal != nil {
		c.claim = c.renewal.claim
		c.joinsDue = len(c.joins()) > 0
	}
}

// checkAskError checks that a subscribe or unsubscribe message is refused as a whole only if too many wait for a replay.
func (c *client) checkAskError(text []byte) {
	m, err := listIn(text)
	if err != nil || !receiveAskError("error", text) {
		return
	}
	if _, found := c.takeAsk(m.Data.Ref); !found || m.Data.Code != "too_many" || !c.replaying {
		c.w.fail(c, "a request about topics is refused with %s; during a replay: %v", text, c.replaying)
	}
	c.act()
}

// checkSubscribed checks the answer to a subscribe message, or the topics that the token has joined, and records the subscriptions.
func (c *client) checkSubscribed(text []byte) {
	m, err := listIn(text)
	it, found := c.takeAsk(m.ID)
	if !found {
		it.list, c.joinsDue = c.joins(), false
	}
	entries, missed := m.Data.Topics, 0
	wrong := err != nil || len(it.list) == 0 || found && it.kind != itemSubscribe
	ch := change{text: bytes.Clone(text)}
	for i := 0; i < len(it.list) && !wrong; i++ {
		if !found && c.subscribed[it.list[i].name] {
			continue // the token's claim names it twice
		}
		if wrong = len(entries) == 0; wrong {
			break
		}
		if s := c.checkEntry(&it.list[i], &entries[0], &missed); s != nil {
			ch.names, ch.now = append(ch.names, s.t.name), append(ch.now, s)
		}
		entries = entries[1:]
	}
	if wrong || len(entries) > 0 {
		c.w.fail(c, "%s comes, and %d topics were due, asked: %v", text, len(it.list), found)
	}
	c.changes = append(c.changes, ch)
	c.act()
}

// checkEntry checks one topic of a subscribed message, and returns the subscription if there is one.
func (c *client) checkEntry(x *wish, e *entry, missed *int) *subscription {
	if due := c.refusalOf(x); e.Error != due || e.Topic != x.name || (due == "") == (e.Seq == nil) {
		c.w.fail(c, "topic %+v is answered with %+v, due was error %q", x, e, due)
	} else if due != "" {
		return nil
	}
	c.noteUnsubscribed(x.name)
	t := c.w.topicOf(x.name)
	if made := t.comes(c.w.net.Now()); made {
		if *e.Seq < t.era.after {
			c.w.fail(c, "topic %s begins with number %d, and had %d", t.name, *e.Seq, t.era.after)
		}
		t.era.known, t.era.offset = true, *e.Seq
	}
	c.noteSubscribed(x.name)
	c.w.subscriptions++
	index, ok := t.at(*e.Seq)
	if !ok || index < t.applied(c.w.quiet) || !c.w.epochIs(e.Epoch) {
		c.w.fail(c, "topic %s begins with number %d of epoch %s: it is at %d, and every reactor has %d of %d messages",
			t.name, *e.Seq, e.Epoch, t.era.last(len(t.all)), t.applied(c.w.quiet), len(t.all))
	}
	s := &subscription{t: t, next: index, live: index, began: place{*e.Seq, index}}
	if x.asked == (e.Resumed == nil) {
		c.w.fail(c, "topic %+v is answered with %+v", x, e)
	}
	if x.asked {
		c.checkReturn(x, e, s, missed)
	}
	return s
}

// refusalOf is the error that a topic of a subscribe message deserves, if any.
func (c *client) refusalOf(x *wish) string {
	w := c.w
	after, all := len(c.subscribed), w.subscriptions
	if c.subscribed[x.name] && x.valid {
		after, all = after-1, all-1
	}
	switch {
	case !x.valid:
		return "bad_topic"
	case !x.granted && !c.maySubscribe(x.name):
		return "not_allowed"
	case after >= w.sc.maxTopics:
		return "too_many_topics"
	case w.sc.maxSubscriptions > 0 && all >= w.sc.maxSubscriptions:
		return "node_full"
	}
	return ""
}

// checkReturn checks whether a subscription continues from a position, as it should, and that as many messages are announced as
// the client has missed.
func (c *client) checkReturn(x *wish, e *entry, s *subscription, bytes *int) {
	may, must := s.t.lacks(x.from.index, c.w.net.Now())
	missed, size := 0, 0
	for _, m := range s.t.all[min(x.from.index, s.live):s.live] {
		if m.from != c.user {
			missed++
			size += m.sizes[atMost]
		}
	}
	if !*e.Resumed {
		c.w.tally.topicsLost++
		large := *bytes+size+c.OutboundBuffered()+c.owedBytes() > c.w.sc.outbound.Hard/2
		just := x.due == e.Reason && x.due != ""
		if x.due == "" {
			just = x.beyond && e.Reason == "unknown" || may&expired != 0 && e.Reason == "expired" || e.Reason == "too_many" && (may&tooMany != 0 || large)
		}
		if !just {
			c.w.fail(c, "topic %+v is not resumed: %+v; it lacks %b, and %d bytes were missed", x, e, may, size)
		}
		return
	}
	*bytes += size
	if must != 0 || x.due != "" || x.beyond || e.Missed == nil || *e.Missed != missed || x.from.index > s.live {
		c.w.fail(c, "topic %+v is resumed with %+v: %d messages were missed up to the %dth, and it is without %b", x, e, missed, s.live, must)
	}
	c.w.tally.topicsResumed++
	c.w.tally.missed += missed
	if missed > 0 {
		c.noteMissed()
	}
	s.next, s.began = x.from.index, x.from
}

// owedBytes is at most what is queued for the client alone.
func (c *client) owedBytes() (n int) {
	for _, m := range c.owed {
		n += m.sizes[atMost]
	}
	return n
}

// checkUnsubscribed checks the answer to an unsubscribe message, or that exactly the topics end which a new token does not
// allow.
func (c *client) checkUnsubscribed(text []byte) {
	m, err := listIn(text)
	it, found := c.takeAsk(m.ID)
	if err != nil || found && (it.kind != itemUnsubscribe || len(it.list) != len(m.Data.Topics)) || !found && len(c.excess()) != len(m.Data.Topics) {
		c.w.fail(c, "%s comes; asked: %v; subscriptions without a claim: %v", text, found, c.excess())
	}
	ch := change{text: bytes.Clone(text)}
	for i, e := range m.Data.Topics {
		due := "not_allowed"
		if found {
			due = map[bool]string{true: "", false: "not_subscribed"}[c.subscribed[it.list[i].name]]
		}
		if e.Error != due || found && e.Topic != it.list[i].name || !found && (!c.subscribed[e.Topic] || c.maySubscribe(e.Topic)) {
			c.w.fail(c, "topic %s ends with %s, due was error %q", e.Topic, text, due)
		}
		if c.subscribed[e.Topic] {
			ch.names, ch.now = append(ch.names, e.Topic), append(ch.now, nil)
		}
		c.noteUnsubscribed(e.Topic)
	}
	if !found {
		c.w.tally.ended++
	}
	c.changes = append(c.changes, ch)
	c.joinsDue = !found && len(c.joins()) > 0 || found && c.joinsDue
	c.act()
}

// excess are the topics that the client is subscribed to and whose token does not allow them.
func (c *client) excess() (names []string) {
	for name := range c.subscribed {
		if !c.maySubscribe(name) {
			names = append(names, name)
		}
	}
	return names
}

// checkSubscriptions checks, after the node's work, that claims are in force, and that the node counts as many subscriptions.
func (w *world) checkSubscriptions() {
	total, rows := w.server.Topics("", len(w.topicList)+1)
	if total != w.subscriptions {
		w.fail(nil, "the node counts %d subscriptions, the model %d", total, w.subscriptions)
	}
	for _, row := range rows {
		if t := w.topicOf(row.Topic); t.subscribers != row.Subscribers {
			w.fail(nil, "the node counts %d subscribers of %s, the model %d", row.Subscribers, t.name, t.subscribers)
		}
	}
	for _, c := range w.clients {
		if c.phase != live || c.lawless {
			continue
		}
		if excess := c.excess(); len(excess) > 0 {
			w.fail(c, "its token does not allow %v, and it is subscribed", excess)
		}
		if c.joinsDue && !c.replaying {
			w.fail(c, "it has not joined the topics of its token")
		}
	}
}
