package server

import (
	"context"
	"errors"
	"testing"
	"time"

	"momentum/server/auth"
)

// banned bans a user in the whole cluster, and has the cluster keep it.
func (c *joinedWorlds) ban(t *testing.T, name string, until int64) auth.Revocation {
	t.Helper()
	ban := auth.Ban(userID(name), until)
	err := call(c, func() error {
		if _, err := c.reach().Disconnect(context.Background(), ban.UserID, "", until); err != nil {
			return err
		}
		return c.reach().Record(context.Background(), ban)
	})
	if err != nil {
		t.Fatal(err)
	}
	return ban
}

func (c *joinedWorlds) lift(t *testing.T, one auth.Revocation) Lifted {
	t.Helper()
	return call(c, func() Lifted {
		l, err := c.reach().Lift(context.Background(), one, true)
		if err != nil {
			t.Error(err)
		}
		return l
	})
}

func (c *joinedWorlds) bans(t *testing.T) Page[Revocation] {
	t.Helper()
	return call(c, func() Page[Revocation] {
		p, err := c.reach().Bans(context.Background(), "", 10)
		if err != nil {
			t.Error(err)
		}
		return p
	})
}

// TestALiftHoldsOnANodeThatWasAway: the node was banning the user when it was cut off, and reads the lift when it is back.
func TestALiftHoldsOnANodeThatWasAway(t *testing.T) {
	c := newCluster(t, 1, 3, 10)
	ban := c.ban(t, "ann", c.nodes[0].net.Now().Unix()+600)
	c.settle()
	if p := c.bans(t); len(p.Rows) != 1 || p.Rows[0] != ban || p.Partial.Partial {
		t.Fatalf("%+v", p)
	}
	c.engine.Buses()[1].Cut()
	c.settle()
	if l := c.lift(t, ban); !l.InForce || l.Nodes != 2 || len(l.Missing) != 1 {
		t.Errorf("%+v", l)
	}
	if until := c.nodes[1].server.RevokedUntil(ban); until != ban.Until {
		t.Fatalf("the node that is away has a ban until %d, so this shows nothing", until)
	}
	c.engine.Buses()[1].Heal()
	c.settle()
	for i, w := range c.nodes {
		if until := w.server.RevokedUntil(ban); until != 0 {
			t.Errorf("the user is banned on node %d until %d", i, until)
		}
	}
	if p := c.bans(t); len(p.Rows) != 0 || p.Count != 0 {
		t.Errorf("%+v", p)
	}
}

// TestABanAfterALiftHolds: also on a node that reads both at once.
func TestABanAfterALiftHolds(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	now := c.nodes[0].net.Now().Unix()
	first := c.ban(t, "ann", now+600)
	for _, w := range c.nodes {
		w.net.Advance(1e9)
	}
	c.engine.Buses()[1].Cut()
	c.settle()
	c.lift(t, first)
	for _, w := range c.nodes {
		w.net.Advance(1e9)
	}
	second := c.ban(t, "ann", now+300)
	c.engine.Buses()[1].Heal()
	c.settle()
	for i, w := range c.nodes {
		if until := w.server.RevokedUntil(second); until != second.Until {
			t.Errorf("on node %d the user is banned until %d, want %d", i, until, second.Until)
		}
	}
}

func TestALiftReportsARevocationThatWasNotInForce(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	if l := c.lift(t, auth.Revocation{TokenID: "t"}); l.InForce || l.Nodes != 2 {
		t.Errorf("%+v", l)
	}
}

// TestALiftThatTheBusRefusedHolds: the node is cut off, and the bus still has the ban. The other node learns of the lift later.
func TestALiftThatTheBusRefusedHolds(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ban := c.ban(t, "ann", c.nodes[0].net.Now().Unix()+600)
	c.settle()
	c.nodes[0].net.Advance(1e9)
	c.engine.Buses()[0].Cut()
	err := call(c, func() error {
		_, err := c.reach().Lift(context.Background(), ban, true)
		return err
	})
	if !errors.Is(err, ErrKeptLater) {
		t.Fatal(err)
	}
	c.engine.Buses()[0].Heal()
	c.pass(noticeDelay + time.Second)
	c.add(3)
	c.settle()
	for i, w := range c.nodes {
		if until := w.server.RevokedUntil(ban); until != 0 {
			t.Errorf("the user is banned on node %d until %d", i, until)
		}
	}
}

// TestABanThatTheBusRefusedHolds also on a node that starts after the bus has taken it.
func TestABanThatTheBusRefusedHolds(t *testing.T) {
	c := newCluster(t, 1, 1, 10)
	ban := auth.Ban(userID("ann"), c.nodes[0].net.Now().Unix()+600)
	c.engine.Buses()[0].Cut()
	if err := call(c, func() error { return c.reach().Record(context.Background(), ban) }); !errors.Is(err, ErrKeptLater) {
		t.Fatal(err)
	}
	c.engine.Buses()[0].Heal()
	c.pass(noticeDelay + time.Second)
	c.add(2)
	c.settle()
	if until := c.nodes[1].server.RevokedUntil(ban); until != ban.Until {
		t.Errorf("on a node that starts later, the user is banned until %d, want %d", until, ban.Until)
	}
}

// TestALiftThatTheBusHasNotIsMadeAgain: the bus has refused it to another node, so the ban is in force nowhere, but the bus has it.
func TestALiftThatTheBusHasNotIsMadeAgain(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ban := c.ban(t, "ann", c.nodes[0].net.Now().Unix()+600)
	c.settle()
	for _, w := range c.nodes {
		w.server.lift(ban)
		w.net.Advance(1e9)
	}
	for i, want := range []bool{true, false} {
		if l := c.lift(t, ban); l.InForce != want {
			t.Errorf("call %d: %+v", i, l)
		}
	}
	c.add(3)
	c.settle()
	if until := c.nodes[2].server.RevokedUntil(ban); until != 0 {
		t.Errorf("on a node that starts later, the user is banned until %d", until)
	}
}

// TestABanInAFullBusCanBeLifted at once, or after the bus was away. A node that was away meanwhile does not bring the ban back.
func TestABanInAFullBusCanBeLifted(t *testing.T) {
	for _, away := range []int{0, 1} {
		c := newCluster(t, 1, 3, 10)
		c.engine.MaxNotices = 1
		ban := c.ban(t, "ann", auth.Forever)
		c.settle()
		if err := call(c, func() error { return c.reach().Record(context.Background(), auth.Ban(userID("bob"), auth.Forever)) }); !errors.Is(err, ErrKeptLater) {
			t.Errorf("the bus is not full: %v", err)
		}
		c.nodes[0].net.Advance(1e9)
		b := c.engine.Buses()[away]
		b.Cut()
		c.settle()
		err := call(c, func() error {
			_, err := c.reach().Lift(context.Background(), ban, true)
			return err
		})
		if errors.Is(err, ErrKeptLater) != (away == 0) {
			t.Error(err)
		}
		b.Heal()
		c.pass(noticeDelay + time.Second)
		c.add(4)
		c.settle()
		for i, w := range c.nodes {
			if until := w.server.RevokedUntil(ban); until != 0 {
				t.Errorf("node %d was away: the user is banned on node %d until %d", away, i, until)
			}
		}
	}
}

func TestABanIsKeptAlsoIfItsCallerHasGone(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ban := auth.Ban(userID("ann"), c.nodes[0].net.Now().Unix()+600)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.reach().Record(gone, ban); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c.settle()
	for i, w := range c.nodes {
		if until := w.server.RevokedUntil(ban); until != ban.Until || len(w.server.relay.notices.known.byText) != 1 {
			t.Errorf("on node %d the user is banned until %d", i, until)
		}
	}
}
