package server

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestUsersOfAllNodesAreListedOnce(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	var want []uuid.UUID
	for i, name := range []string{"ann", "bob", "cid", "dee", "eve", "flo"} {
		c.admit(i%3, name)
		want = append(want, userID(name))
	}
	c.admit(1, "ann")
	slices.SortFunc(want, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	var got []uuid.UUID
	for after, more := uuid.Nil, true; more; {
		p := call(c, func() Page[OnlineUser] {
			p, err := c.reach().Online(context.Background(), after, 2)
			if err != nil {
				t.Error(err)
			}
			return p
		})
		for _, u := range p.Rows {
			got = append(got, u.UserID)
			after = u.UserID
		}
		if more = p.More; len(p.Rows) > 2 || p.Partial.Partial {
			t.Fatalf("%+v", p)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	alone, err := c.nodes[0].server.Reach(true).Online(context.Background(), uuid.Nil, 10)
	if err != nil || len(alone.Rows) != 2 || alone.Count != 2 {
		t.Errorf("one node has %+v, %v", alone, err)
	}
}

// TestMergedPagesEndWhereANodesListGoesOn has two nodes with lists that go on.
func TestMergedPagesEndWhereANodesListGoesOn(t *testing.T) {
	row := func(names ...string) (p page[TopicRow]) {
		for _, n := range names {
			p.Rows = append(p.Rows, TopicRow{Topic: n, Subscribers: 1})
		}
		p.Total = len(names)
		return p
	}
	a, b := row("a", "d"), row("b", "c", "d", "e")
	a.More = true
	all := mergePages([]page[TopicRow]{a, b}, 10, func(a, b TopicRow) int { return slices.Compare([]byte(a.Topic), []byte(b.Topic)) },
		func(into *TopicRow, o TopicRow) { into.Subscribers += o.Subscribers })
	var names []string
	for _, r := range all.Rows {
		names = append(names, r.Topic)
	}
	if !slices.Equal(names, []string{"a", "b", "c", "d"}) || !all.More || all.Total != 6 || all.Rows[3].Subscribers != 2 {
		t.Errorf("%+v", all)
	}
}
