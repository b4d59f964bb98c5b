package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"momentum/server/auth"
)

// place is a client's position in a topic: the number of the last message that it has had, and how many these are in the
// model's count.
type place struct {
	seq   uint64
	index int
}

// subscription is a client's own view of a topic that it is subscribed to.
type subscription struct {
	t     *topic
	next  int   // index of the next message that it must receive
	live  int   // index of the first one that was not missed
	began place // the position that it began with
}

// pass moves over the messages of the client's own user, up to an index.
func (s *subscription) pass(u *user, to int) {
	for s.next < to && s.next < len(s.t.all) && s.t.all[s.next].from == u {
		s.next++
	}
}

// wish is one topic of a subscribe or unsubscribe message.
type wish struct {
	name    string
	asked   bool // with a position
	from    place
	due     string // the reason that the position deserves, whatever is kept
	beyond  bool   // it is above all numbers
	valid   bool
	granted bool // no claim is asked: the token joins the topic
}

// change is a subscribed or unsubscribed message on its way to the client, with what it changes.
type change struct {
	text  []byte
	names []string
	now   []*subscription // nil: it has ended
}

// subscribing is a client's part in topics.
type subscribing struct {
	// The node's end.
	claim      *auth.Topics    // of the token that covers it
	subscribed map[string]bool // the topics that the node has subscribed it to
	held       *item           // the item whose answer says what the node has done; nothing after it is acted on before
	waiting    []item          // subscribe and unsubscribe messages that wait: for a replay, or for what is on its way
	joinsDue   bool            // its token joins topics, and it was not told yet

	// Its own end.
	changes       []change
	subscriptions map[string]*subscription
	latest        int // order of the last live message that it has received
	returned      bool
}

func (c *client) noteSubscribed(name string) {
	if c.subscribed == nil {
		c.subscribed = map[string]bool{}
	}
	c.subscribed[name] = true
}

// noteUnsubscribed ends a subscription at the node.
func (c *client) noteUnsubscribed(name string) {
	if c.subscribed[name] {
		delete(c.subscribed, name)
		c.w.topicOf(name).goes(c.w.net.Now())
		c.w.subscriptions--
	}
}

// standAt notes a position in a topic.
func (c *client) standAt(name string, p place) {
	if !c.asks {
		return
	}
	if c.mark.topics == nil {
		c.mark.topics = map[string]place{}
	}
	c.mark.topics[name] = p
}

// wantsTopics sends a subscribe or an unsubscribe message.
func (c *client) wantsTopics() {
	w := c.w
	it := item{kind: itemSubscribe, id: "sub-" + w.newID()}
	var parts []string
	for range 1 + w.random.IntN(1+w.random.IntN(4)) {
		part, wanted := c.wishFor(w.topicList[w.random.IntN(len(w.topicList))].name)
		parts, it.list = append(parts, part), append(it.list, wanted)
	}
	c.sendWishes(it, parts)
}

// returnsToTopics subscribes to the topics that the client has a position in, once. It reports false if it does not.
func (c *client) returnsToTopics() bool {
	if c.returned || len(c.mark.topics) == 0 || !c.asks || !c.takesAnswers() {
		return false
	}
	c.returned = true
	it := item{kind: itemSubscribe, id: "sub-" + c.w.newID()}
	var parts []string
	for _, t := range c.w.topicList { // in an order that the seed decides
		if _, known := c.mark.topics[t.name]; known && len(parts) < 20 {
			part, wanted := c.wishFor(t.name)
			parts, it.list = append(parts, part), append(it.list, wanted)
		}
	}
	if len(parts) > 0 {
		c.sendWishes(it, parts)
	}
	return len(parts) > 0
}

func (c *client) sendWishes(it item, parts []string) {
	kind := "subscribe"
	if it.kind == itemUnsubscribe {
		kind = "unsubscribe"
	}
	c.speak(opText, fmt.Appendf(nil, `{"id":"%s","message_type":"%s","data":{"topics":[%s]}}`, it.id, kind, strings.Join(parts, ",")), it)
}

// wishFor writes a topic for a subscribe message, with the client's position if there is one.
func (c *client) wishFor(name string) (part string, it wish) {
	random := c.w.random
	it = wish{name: name, valid: true}
	p, known := c.mark.topics[name]
	switch n := random.IntN(60); {
	case n == 0:
		it.name, it.valid = "no topic", false
		return `"no topic"`, it
	case n == 1:
		it.valid = false
		return fmt.Sprintf(`{"topic":"%s","seq":-1}`, name), it
	case n == 2:
		it.name = fmt.Sprint("new.", random.IntN(20))
		return `"` + it.name + `"`, it
	case n == 3 && c.w.sc.maxSubscriptions == 0: // rooms count for the limit in a way that the model does not know
		return fmt.Sprintf(`{"topic":"%s","presence":true}`, name), it
	case !known || n < 8:
		return `"` + name + `"`, it
	}
	it.asked, it.from = true, p
	epoch := fmt.Sprintf(`,"epoch":"%s"`, c.w.epoch)
	switch random.IntN(30) {
	case 0:
		it.due, epoch = "epoch", `,"epoch":"other"`
	case 1:
		it.beyond, p.seq = true, p.seq+1<<40
	case 2, 3:
		epoch = ""
	}
	return fmt.Sprintf(`{"topic":"%s","seq":%d%s}`, name, p.seq, epoch), it
}

// leavesTopics sends an unsubscribe message.
func (c *client) leavesTopics() {
	it := item{kind: itemUnsubscribe, id: "sub-" + c.w.newID()}
	var parts []string
	for range 1 + c.w.random.IntN(2) {
		name := c.w.topicList[c.w.random.IntN(len(c.w.topicList))].name
		it.list = append(it.list, wish{name: name, valid: true})
		parts = append(parts, `"`+name+`"`)
	}
	c.sendWishes(it, parts)
}

// receiveTopics applies a subscribed or unsubscribed message. A client may read it after it has sent random bytes.
func (c *client) receiveTopics(text []byte) error {
	if len(c.changes) == 0 || !bytes.Equal(c.changes[0].text, text) {
		if c.lawless {
			return nil
		}
		return fmt.Errorf("%.300q came, and no request or token is the reason", text)
	}
	ch := c.changes[0]
	c.changes = c.changes[1:]
	if c.subscriptions == nil {
		c.subscriptions = map[string]*subscription{}
	}
	for i, name := range ch.names {
		if s := ch.now[i]; s != nil {
			c.subscriptions[name] = s
			c.standAt(name, s.began)
		} else {
			delete(c.subscriptions, name)
		}
	}
	return nil
}

// receiveAskError takes the error that answers a subscribe or unsubscribe message, and reports false if the message is none.
func receiveAskError(kind string, text []byte) bool {
	return kind == "error" && bytes.Contains(text, []byte(`"ref_id":"sub-`))
}

// missingTopics describes what of its topics a client did not receive though it is live and has read everything.
func (c *client) missingTopics() error {
	for _, s := range c.subscriptions {
		if s.pass(c.user, len(s.t.all)); s.next < len(s.t.all) {
			return fmt.Errorf("has not received %d of %d messages of topic %s", len(s.t.all)-s.next, len(s.t.all), s.t.name)
		}
	}
	switch {
	case len(c.changes) > 0:
		return fmt.Errorf("has not received %.200q", c.changes[0].text)
	case len(c.waiting) > 0:
		return fmt.Errorf("has no answer to %s", c.waiting[0].id)
	case c.joinsDue:
		return fmt.Errorf("has not joined the topics of its token")
	}
	return nil
}

// entry is one topic in the data of a subscribed or unsubscribed message.
type entry struct {
	Topic, Epoch, Reason, Error string
	Seq                         *uint64
	Resumed                     *bool
	Missed                      *int
}

// listMessage is a subscribed or unsubscribed message, or the error in place of one.
type listMessage struct {
	ID   string
	Type string `json:"message_type"`
	Data struct {
		Topics []entry
		Code   string
		Ref    string `json:"ref_id"`
	}
}

func listIn(text []byte) (m listMessage, err error) { return m, json.Unmarshal(text, &m) }

// takeAsk takes the request with an id that waits for its answer.
func (c *client) takeAsk(id string) (it item, found bool) {
	if c.held != nil && c.held.id == id {
		it, c.held = *c.held, nil
		return it, true
	}
	i := slices.IndexFunc(c.waiting, func(it item) bool { return it.id == id })
	if i < 0 {
		return it, false
	}
	it = c.waiting[i]
	c.waiting = slices.Delete(c.waiting, i, i+1)
	return it, true
}

// takesAnswers says that the client will be sent the answers to its requests. Only they say what the node has done.
func (c *client) takesAnswers() bool {
	return c.manner == polite && c.phase == live && c.OutboundBuffered() == 0
}

// turnsToTopics subscribes or unsubscribes. It reports false if the client does neither.
func (c *client) turnsToTopics() bool {
	switch {
	case !c.takesAnswers():
		return false
	case c.w.random.IntN(3) == 0:
		c.leavesTopics()
	default:
		c.wantsTopics()
	}
	return true
}
