package client

import (
	"context"
	"time"
)

// TopicOption is a property of a subscription.
type TopicOption func(*topic)

// WithPresence asks for the users of the topic, and keeps them: see Users.
func WithPresence() TopicOption { return func(t *topic) { t.presence = true } }

// Subscribe subscribes to a topic, now and on every later connection, and waits for the server's answer. Its messages are events with the Topic;
// after a reconnect those that were missed come first. The error is an *Error, such as "not_allowed", and ends the subscription; if it is that of
// ctx, the subscription is still wanted.
func (c *Client) Subscribe(ctx context.Context, name string, options ...TopicOption) error {
	answered := c.subscribe(name, options)
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) subscribe(name string, options []TopicOption) <-chan error {
	answered := make(chan error, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Phase == Closed {
		answered <- closedError(c.state.Why)
		return answered
	}
	t := c.topics.get(name)
	before := t.presence
	for _, option := range options {
		option(t)
	}
	if t.presence != before { // the subscription is made anew
		t.live, t.full, t.request = false, false, ""
	}
	if t.live {
		answered <- nil
		return answered
	}
	t.waiters = append(t.waiters, func(err error) { answered <- err })
	c.sendDue(time.Now())
	return answered
}

// Unsubscribe ends the subscription to a topic.
func (c *Client) Unsubscribe(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.topics.byName[name]
	if t == nil {
		return
	}
	onWire := t.live || t.full || t.request != ""
	c.topics.remove(name, &Error{Code: "unsubscribed", Message: "the program has ended the subscription"})
	if onWire && c.link != nil && c.state.Phase == Open {
		c.ask("unsubscribe", map[string]any{"topics": []string{name}}, func(*Message, error) {})
	}
}

// topicsAnswered takes the server's word on topics: an answer, or a change that it has made. The caller holds mu.
func (c *Client) topicsAnswered(m *Message, now time.Time) {
	ours := c.topics.asked[m.ID]
	delete(c.topics.asked, m.ID)
	c.calls.answer(m.ID, m, nil)
	for _, e := range parseEntries(m.Data) {
		t := c.topics.byName[e.Topic]
		switch {
		case m.Type == "unsubscribed":
			if t != nil && e.Error != "" && e.Error != "not_subscribed" {
				c.drop(t, e.Error, now)
			}
		case !ours && t == nil && e.Error == "": // the token's join
			c.topics.get(e.Topic).subscribed(e)
		case !ours, t == nil, t.request != m.ID:
			// the answer to the client's own request follows, or the program has ended the subscription meanwhile
		case e.Error != "":
			c.drop(t, e.Error, now)
		default:
			c.subscribed(t, e, now)
		}
	}
}

// subscribed begins a subscription on this connection.
func (c *Client) subscribed(t *topic, e entry, now time.Time) {
	if e.Resumed != nil {
		c.queue.put(Resumed{Topic: t.name, Resumed: *e.Resumed, Missed: e.Missed, Reason: e.Reason, Away: c.opened.Sub(c.left)}, c.position)
		if !*e.Resumed {
			c.recent.doubt(now)
		}
	}
	for _, held := range t.subscribed(e) {
		if c.recent.pass(&held, now) {
			c.queue.put(held, c.position)
		}
	}
	if t.presence {
		t.users = make(map[string]string)
		c.learn(t, t.name, t.users)
	}
}

// drop ends a subscription that the server refuses. The error goes to the caller of Subscribe, or is an event. If a node has no room for a
// subscription that the client had before, it may have room later: then the client asks again, after a pause that grows.
func (c *Client) drop(t *topic, code string, now time.Time) {
	if code == "node_full" && t.epoch != "" {
		t.request, t.live, t.full = "", false, true
		c.agenda.set(t, now.Add(c.schedule.pause(c.topics.refusals)), func(time.Time) { t.full = false })
		c.topics.refusals++
		c.arm(now)
		c.queue.put(&Error{Code: code, Message: "the node has no room for the subscription now; the client asks again", Topic: t.name}, c.position)
		return
	}
	why := "the server refuses the subscription to " + t.name
	if code == "not_allowed" {
		why = "TOPICS_DEFAULT of the server, or the claim topics of the token, does not allow it"
	}
	refusal := &Error{Code: code, Message: why, Topic: t.name}
	if len(t.waiters) == 0 {
		c.queue.put(refusal, c.position)
	}
	c.topics.remove(t.name, refusal)
}
