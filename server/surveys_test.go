package server

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"momentum/netpoll"
)

// pages lets ticks pass until clients have answers to their questions, and returns the answers.
func (c *joinedWorlds) pages(clients ...*client) (all []listed) {
	c.t.Helper()
	for range maxTicks {
		for _, one := range clients {
			all = append(all, lists(c.t, one)...)
		}
		if len(all) >= len(clients) {
			return all
		}
		c.pass(netpoll.TickLength)
	}
	c.t.Fatalf("%d of %d questions are answered", len(all), len(clients))
	return nil
}

// maxTicks is more than the pages of any test here take: a reactor asks for one in a tick.
const maxTicks = 10

// TestAClientOfAClusterSeesTheUsersOfAllNodes, each once, in pages of two.
func TestAClientOfAClusterSeesTheUsersOfAllNodes(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	ann := c.admit(0, "ann")
	for i, name := range []string{"bob", "cid", "dee", "eve", "ann"} {
		c.admit(i%3, name)
	}
	seen, after := map[string]int{}, ""
	for more := true; more; {
		ann.text(fmt.Sprintf(`{"id":"w","message_type":"who","data":{"limit":2,"after":%q}}`, after))
		p := c.pages(ann)[0]
		for _, u := range p.Users {
			seen[u.Username]++
		}
		if p.Scope != "" || p.Partial || len(p.Users) > 2 || p.Count < 5 {
			t.Fatalf("answered with %+v", p)
		}
		after, more = p.Next, p.Next != ""
	}
	if len(seen) != 5 || seen["ann"] != 1 {
		t.Errorf("the pages have %v", seen)
	}
}

// TestAPageSaysThatANodeHasNotAnswered.
func TestAPageSaysThatANodeHasNotAnswered(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ann := c.admit(0, "ann")
	c.admit(1, "bob")
	c.engine.Buses()[1].Deaf = true
	ann.text(`{"id":"w","message_type":"who"}`)
	if p := c.pages(ann)[0]; !p.Partial || len(p.Users) != 1 {
		t.Errorf("answered with %+v", p)
	}
}

// TestClientsThatAskForOnePageShareOneQuestion to the other nodes, and those that ask for another page wait for the next one.
func TestClientsThatAskForOnePageShareOneQuestion(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	var all []*client
	for i := range 20 {
		all = append(all, c.admit(0, fmt.Sprint("user", i)))
	}
	asked := make(chan int, 100)
	s := c.nodes[0].server
	answer := s.survey
	s.survey = func(ctx context.Context, after uuid.UUID, limit int) surveyed {
		asked <- limit
		return answer(ctx, after, limit)
	}
	for i, one := range all {
		one.text(fmt.Sprintf(`{"id":"w","message_type":"who","data":{"limit":%d}}`, 5+i/10))
	}
	pages := c.pages(all...)
	if len(asked) > 2*s.group.Reactors() {
		t.Errorf("%d clients ask the other nodes %d questions", len(all), len(asked))
	}
	for _, p := range pages {
		if len(p.Users) < 5 || len(p.Users) > 6 || p.Count != 20 {
			t.Errorf("answered with %+v", p)
		}
	}
}
