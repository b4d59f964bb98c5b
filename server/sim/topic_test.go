package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// topic is the model of one topic: its channel, and how many connections are subscribed to it.
type topic struct {
	name string
	channel
	subscribers int
	made        bool      // somebody has subscribed to it once
	idle        time.Time // when its last subscription ended
}

// topicNames are what the clients of a world subscribe and publish to, beside the inboxes of some users.
var topicNames = []string{"news", "room.1", "room.2", "room.3", "room.4", "room.5", "chat:a", "chat:b", "Log_1-x"}

// inboxes is how many users have a topic of their own.
const inboxes = 8

// found makes the topics of a world.
func (w *world) found() {
	names := topicNames
	for _, u := range w.users[:min(inboxes, len(w.users))] {
		names = append(names[:len(names):len(names)], "inbox."+u.id.String())
	}
	w.topics = map[string]*topic{}
	for _, name := range names {
		t := &topic{name: name, channel: newChannel(w.sc.history)}
		t.era.loose = false // a topic that is made begins with a number that its first subscriber is told
		w.topics[name], w.topicList = t, append(w.topicList, t)
	}
}

// here reports whether the node knows the topic: it has subscribers, or had one within the history's age.
func (t *topic) here(now time.Time) bool {
	return t.subscribers > 0 || t.made && now.Sub(t.idle) < t.age
}

// comes notes a new subscription. It reports whether the node has made the topic for it.
func (t *topic) comes(now time.Time) (made bool) {
	if made = !t.here(now); made {
		t.forget()
		if !t.made {
			t.forgotten = -1
		}
	}
	t.made = true
	t.subscribers++
	return made
}

func (t *topic) goes(now time.Time) {
	t.subscribers--
	t.idle = now
}

// accept gives a message its place in the topic, if the node knows the topic and somebody will ever get it.
func (t *topic) accept(said *message, now time.Time) (taken bool) {
	switch {
	case !t.here(now):
		return false
	case t.subscribers == 0 && !t.keep(): // dropped, with its number
		if t.era.known {
			t.era = &era{first: len(t.all), known: true, offset: t.era.last(len(t.all)) + 1}
		}
		return false
	}
	said.online = t.subscribers > 0
	said.stored = t.post(said, now)
	return true
}

// at is how many messages there are up to a number that the node has told. ok is false if the number cannot be.
func (t *topic) at(seq uint64) (index int, ok bool) {
	if seq < t.era.offset || seq > t.era.last(len(t.all)) {
		return 0, false
	}
	return t.era.first + int(seq-t.era.offset), true
}

// applied is how many of its messages every reactor has, which had nothing left to do after so many messages of all channels.
func (t *topic) applied(order int) int {
	n := len(t.all)
	for n > t.era.first && t.all[n-1].order >= order {
		n--
	}
	return n
}

// claims are the claims that tokens have; nil: none, so that the node's default decides.
var claims = []*auth.Topics{
	nil,
	{Subscribe: []string{"*"}, Publish: []string{"*"}},
	{Subscribe: []string{"news", "room.*", "inbox.${user_id}"}, Publish: []string{"room.*", "chat:a"}, Join: []string{"news"}},
	{Subscribe: []string{"chat:*", "room.1"}, Publish: []string{"*"}, Join: []string{"inbox.${user_id}", "room.2", "inbox.${user_id}"}},
	{Publish: []string{"inbox.*", "news"}, Subscribe: []string{"room.*"}},
	{},
}

// plainClaims is how many of the claims come first that join nothing.
const plainClaims = 2

// defaults are what the node lets a token without the claim do.
var defaults = []*auth.Topics{nil, {Subscribe: []string{"*"}}, claims[1]}

// matches says whether a list of patterns names a topic, as docs/PROTOCOL.md has it.
func matches(patterns []string, name string, user uuid.UUID) bool {
	for _, p := range patterns {
		p = strings.ReplaceAll(p, "${user_id}", user.String())
		if beginning, open := strings.CutSuffix(p, "*"); p == name || open && strings.HasPrefix(name, beginning) {
			return true
		}
	}
	return false
}

// allowed are the topics of the token that covers the client at the node.
func (c *client) allowed() *auth.Topics {
	switch {
	case c.claim != nil:
		return c.claim
	case c.w.sc.topicsDefault != nil:
		return c.w.sc.topicsDefault
	}
	return &auth.Topics{}
}

func (c *client) maySubscribe(name string) bool {
	a := c.allowed()
	return matches(a.Subscribe, name, c.user.id) || matches(a.Join, name, c.user.id)
}

// joins are the topics that the client's token subscribes it to, and that it has not subscribed to.
func (c *client) joins() (list []wish) {
	for _, name := range c.allowed().Join {
		if name = strings.ReplaceAll(name, "${user_id}", c.user.id.String()); !c.subscribed[name] {
			list = append(list, wish{name: name, valid: true, granted: true})
		}
	}
	return list
}

// topicOf returns the topic of a name, which a client may just have made up.
func (w *world) topicOf(name string) *topic {
	t := w.topics[name]
	if t == nil {
		t = &topic{name: name, channel: newChannel(w.sc.history)}
		t.era.loose = false
		w.topics[name], w.topicList = t, append(w.topicList, t)
	}
	return t
}

// receivesTopic checks a message of a topic: the client is subscribed, and has had all before it.
func (m *model) receivesTopic(c *client, n int, said *message) error {
	s := c.subscriptions[said.topic.name]
	switch {
	case s == nil:
		return fmt.Errorf("message %d of topic %s: received without a subscription", n, said.topic.name)
	case said.from == c.user:
		return fmt.Errorf("message %d of topic %s: received its own user's", n, said.topic.name)
	}
	if s.pass(c.user, said.index); s.next != said.index {
		return fmt.Errorf("message %d of topic %s: it is the %dth, and the %dth was due", n, said.topic.name, said.index, s.next)
	}
	live := said.index >= s.live
	s.next++
	c.standAt(said.topic.name, place{said.number(), s.next})
	if !live {
		return nil
	}
	return c.receivesLive(n, said)
}
