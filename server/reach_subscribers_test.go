package server

import (
	"context"
	"slices"
	"testing"
)

// TestTopicsOfAllNodesAreListed also lists the subscribers of one, in pages of one row.
func TestTopicsOfAllNodesAreListed(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	for i, name := range []string{"ann", "bob", "cid"} {
		c.admit(i%2, name).text(`{"id":"s","message_type":"subscribe","data":{"topics":["news","` + name + `"]}}`)
		c.settle()
	}
	p := call(c, func() Page[TopicRow] { p, _ := c.reach().Topics(context.Background(), "", 10); return p })
	if p.Count != 6 || len(p.Rows) != 4 || p.Rows[3].Topic != "news" || p.Rows[3].Subscribers != 3 {
		t.Errorf("%+v", p)
	}
	var names []string
	var from SubscriberCursor
	for more := true; more; {
		p := call(c, func() SubscriberPage {
			p, err := c.reach().Subscribers(context.Background(), "news", from, 1)
			if err != nil {
				t.Error(err)
			}
			return p
		})
		for _, s := range p.Rows {
			names = append(names, s.Username)
		}
		from, more = p.Next, p.More
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"ann", "bob", "cid"}) {
		t.Errorf("the subscribers are %v", names)
	}
}
