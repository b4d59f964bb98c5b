package client

import (
	"context"
	"encoding/json"
	"maps"
	"time"
)

const (
	maxPages   = 10   // of users, for one question
	maxOnAPage = 1000 // users

	// returnTime is how long after a list of users the next one is asked for: a user may be back for 3 seconds without an announcement, and the
	// server may notice a tenth of a second later that the time is over.
	returnTime = 4 * time.Second
)

// whoPage is the data of an answer to who.
type whoPage struct {
	Topic string `json:"topic"`
	Count int    `json:"count"`
	Users []User `json:"users"`
	Next  string `json:"next"`
}

// Online asks the server for the users that are online, or subscribed to a topic (the client must be subscribed, too), and how many there are. It
// returns at most 10,000 users. If too many clients ask, it asks again until ctx ends.
func (c *Client) Online(ctx context.Context, topic string) (users []User, count int, err error) {
	done := make(chan error, 1)
	c.mu.Lock()
	if c.link == nil || c.state.Phase != Open {
		c.mu.Unlock()
		return nil, 0, errNotOpen
	}
	pager := pager{c, topic, func(p *whoPage) { users, count = append(users, p.Users...), p.Count }, func(err error) { done <- err }}
	pager.ask("", maxPages)
	c.mu.Unlock()
	select {
	case err := <-done:
		return users, count, err
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
}

// Users returns the names of the users that are online, by id; or those of a topic. They are kept with Options.Presence, and WithPresence, while there
// is a connection, and are a sample if there are more than 10,000 or if the server announces samples.
func (c *Client) Users(topic string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if topic == "" {
		return maps.Clone(c.users)
	}
	if t := c.topics.byName[topic]; t != nil {
		return maps.Clone(t.users)
	}
	return nil
}

// pager asks for the users of the server or of a topic. It calls page for each answer, and done at the end.
type pager struct {
	client *Client
	topic  string
	page   func(*whoPage)
	done   func(error)
}

// ask asks for so many pages, one after the other. The caller holds the client's mu.
func (p pager) ask(after string, pages int) {
	question := map[string]any{"limit": maxOnAPage}
	if p.topic != "" {
		question["topic"] = p.topic
	}
	if after != "" {
		question["after"] = after
	}
	p.client.ask("who", question, func(m *Message, err error) {
		var answer whoPage
		if err == nil && m != nil { // nil: a pong frame with the id
			err = json.Unmarshal(m.Data, &answer)
		}
		if err == nil {
			p.page(&answer)
		}
		if err != nil || answer.Next == "" || pages == 1 {
			p.done(err)
			return
		}
		p.ask(answer.Next, pages-1)
	})
}

// learn asks for the users online and adds them to a map. It asks a second time after the grace period of users that were without a
// connection at the first answer: the first answer does not have them, and the server does not announce their return. Without answers, the
// map has the users that come and go. The key stands for the list. The caller holds the client's mu.
func (c *Client) learn(key any, topic string, users map[string]string) {
	add := func(p *whoPage) {
		for _, u := range p.Users {
			users[u.ID] = u.Name
		}
	}
	repeat := func(err error) {
		if now := time.Now(); err == nil {
			c.agenda.set(key, now.Add(returnTime), func(time.Time) { pager{c, topic, add, func(error) {}}.ask("", maxPages) })
			c.arm(now)
		}
	}
	pager{c, topic, add, repeat}.ask("", maxPages)
}

// presence takes an announcement. The caller holds mu.
func (c *Client) presence(m *Message) {
	p := Presence{Topic: m.Topic}
	var user User
	var summary struct {
		Online, Left int
		Sample       struct{ Joined, Left []User }
	}
	switch {
	case m.Type == "presence" && json.Unmarshal(m.Data, &summary) == nil:
		p.Online, p.Joined, p.Left = summary.Online, summary.Sample.Joined, summary.Sample.Left
	case json.Unmarshal(m.Data, &user) != nil:
		return
	case m.Type == "user_joined":
		p.Joined = []User{user}
	case m.Type == "user_left":
		p.Left = []User{user}
	}
	users := c.users
	if t := c.topics.byName[m.Topic]; m.Topic != "" && t != nil {
		users = t.users
	}
	if users != nil {
		if summary.Left > len(p.Left) { // some are not named
			clear(users)
		}
		for _, u := range p.Joined {
			users[u.ID] = u.Name
		}
		for _, u := range p.Left {
			delete(users, u.ID)
		}
	}
	c.queue.put(p, c.position)
}
