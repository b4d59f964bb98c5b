package server

import (
	"context"
	"slices"
	"testing"
)

// TestAListGoesOnAfterAMissingNode also asks for a page after the last node.
func TestAListGoesOnAfterAMissingNode(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	for i, name := range []string{"ann", "bob", "cid"} {
		c.admit(i, name).text(`{"message_type":"subscribe","data":{"topics":["news"]}}`)
		c.settle()
	}
	c.engine.Buses()[1].Deaf = true
	page := func(from SubscriberCursor) SubscriberPage {
		return call(c, func() SubscriberPage {
			p, err := c.reach().Subscribers(context.Background(), "news", from, 10)
			if err != nil {
				t.Error(err)
			}
			return p
		})
	}
	if p := page(SubscriberCursor{}); p.More || len(p.Rows) != 2 || !slices.Equal(p.Missing, []string{"node1"}) {
		t.Errorf("%+v", p)
	}
	if p := page(SubscriberCursor{Node: "~"}); p.More || len(p.Rows) > 0 || p.Partial.Partial {
		t.Errorf("after the last node there are %+v", p)
	}
}
