package redis

import (
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// renewed makes a renewal by hand.
func (p *peer) renewed(own, id, before string) renewal {
	p.t.Helper()
	a, _ := p.current()
	r, err := readRenewal(evaluate(a.owner[0].client, []evaluation{renewalOf(a.names, id, own, before, cluster.Info{Name: id})})[0], id)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// turnBack makes a lease end.
func (p *peer) turnBack(number string) {
	p.t.Helper()
	a, _ := p.current()
	c := a.owner[0].client
	if err := c.Do(p.t.Context(), c.B().Zadd().Key(a.names.key(0, "nodes")).ScoreMember().ScoreMember(1, number).Build()).Error(); err != nil {
		p.t.Fatal(err)
	}
}

func TestALeaseThatHasEndedIsSweptByOneNodeAfterAnother(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	x, y := p.renewed("", "x", ""), p.renewed("", "y", "")
	if x.number == y.number || len(y.nodes) != 3 || y.nodes[0].Name != "y" || y.sweep != "" {
		t.Fatalf("%+v, %+v", x, y)
	}
	p.turnBack(x.number)
	after := p.renewed(y.number, "y", "")
	if after.number != y.number || after.sweep != x.number || len(after.nodes) != 2 {
		t.Errorf("%+v", after)
	}
	if again := p.renewed(y.number, "y", ""); again.sweep != "" {
		t.Errorf("%s is swept twice at once", again.sweep)
	}
	if back := p.renewed(x.number, "x", ""); back.number == x.number || len(back.nodes) != 3 {
		t.Errorf("a node that was missing gets %+v", back)
	}
}

func TestANodeEndsOnlyALeaseOfItsOwn(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	x, y := p.renewed("", "x", ""), p.renewed("", "y", "")
	if r := p.renewed("", "x", y.number); r.retired || len(r.nodes) != 4 {
		t.Errorf("%+v", r)
	}
	if r := p.renewed("", "x", x.number); !r.retired || r.sweep != "" {
		t.Errorf("%+v", r)
	}
}

// TestLeasesDoNotEndWhileNobodyRenews turns the time of all leases and of the last renewal back, as if Redis had been away.
func TestLeasesDoNotEndWhileNobodyRenews(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	x, y := p.renewed("", "x", ""), p.renewed("", "y", "")
	a, _ := p.current()
	c := a.owner[0].client
	back := func() {
		hour := float64(time.Hour.Milliseconds())
		c.Do(t.Context(), c.B().Zincrby().Key(a.names.key(0, "nodes")).Increment(-hour).Member(x.number).Build())
		c.Do(t.Context(), c.B().Decrby().Key(a.names.key(0, "renewed")).Decrement(time.Hour.Milliseconds()).Build())
	}
	back()
	if r := p.renewed(y.number, "y", ""); r.sweep != "" || len(r.nodes) != 3 {
		t.Errorf("%+v", r)
	}
}

func TestAnAnswerAboutNodesMayBeOfALaterVersion(t *testing.T) {
	nodes := readNodes([]string{`a {"name":7}`, "b", `self {"name":"s"}`}, "self")
	if len(nodes) != 3 || nodes[0].Name != "s" || nodes[1].ID != "b" || nodes[2].ID != "a" {
		t.Errorf("%+v", nodes)
	}
}
