package redis

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// through returns a proxy to a server, and its URL.
func through(t *testing.T, s *redistest.Server) (*redistest.Proxy, string) {
	p := redistest.NewProxy(t, s.Addr())
	return p, "redis://" + p.Addr()
}

func TestADeafBusIsHeldWithinFourSeconds(t *testing.T) {
	t.Parallel()
	for _, d := range []redistest.Direction{redistest.ToClient, redistest.ToServer} {
		s := redistest.Start(t)
		proxy, address := through(t, s)
		p, other := healthy(t, address, broadcast), healthy(t, s.URL())
		began := time.Now()
		proxy.Drop(d)
		p.await("loss", func() bool { return p.Bus.State() == cluster.Held })
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("it took %v", took)
		}
		other.say(broadcast, "missed")
		other.outcome("missed")
		proxy.Pass(d)
		healed := time.Now()
		p.await("health", func() bool { return p.Bus.State() == cluster.Healthy })
		if took := time.Since(healed); took > 8*time.Second {
			t.Errorf("it took %v to heal", took)
		}
		if got := p.awaitTexts(1); got[0] != "missed" {
			t.Errorf("%q", got)
		}
	}
}

// TestThreeNodesAreHealthyWithinFiveSecondsOfARestart runs alone, because it limits the time by the clock.
func TestThreeNodesAreHealthyWithinFiveSecondsOfARestart(t *testing.T) {
	s := redistest.Start(t, "appendonly yes")
	var nodes []*peer
	for range 3 {
		nodes = append(nodes, healthy(t, s.URL(), broadcast, user(1)))
	}
	s.Kill(t)
	for _, p := range nodes {
		p.await("local mode", func() bool { return p.Bus.State() == cluster.Local }) // attempts are the rarest then
	}
	s.Restart(t)
	began := time.Now()
	for _, p := range nodes {
		p.await("health", func() bool { return p.Bus.State() == cluster.Healthy && p.rejoins == 2 })
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	nodes[0].say(user(1), "after")
	if o := nodes[0].outcome("after"); o.Nodes != 3 {
		t.Errorf("%+v", o)
	}
}

func TestASubscriptionWithoutMessagesIsNoticed(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{false, true} { // whether Redis says that the subscription has ended
		s := redistest.Start(t)
		p := healthy(t, s.URL(), broadcast)
		a, _ := p.current()
		l := a.links[0]
		if !told {
			l.leaving.Add(1)
		}
		began := time.Now()
		l.subscription.Do(context.Background(), l.subscription.B().Sunsubscribe().Channel(l.canaryChannel).Build())
		p.await("loss", func() bool { return p.rejoins == 2 })
		if took := time.Since(began); took > 4200*time.Millisecond || told && took > time.Second {
			t.Errorf("it took %v", took)
		}
		p.await("health", func() bool { return p.Bus.State() == cluster.Healthy })
	}
}

func TestAUserThatLosesItsRightsMayGetThemBack(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), broadcast)
	s.Do(t, "ACL", "SETUSER", "default", "resetchannels", "&none")
	p.await("loss", func() bool { return p.Bus.State() == cluster.Held || p.Bus.State() == cluster.Local })
	s.Do(t, "ACL", "SETUSER", "default", "allchannels")
	p.await("health", func() bool { return p.Bus.State() == cluster.Healthy })
}

func TestALostAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy, address := through(t, s)
	p, other := healthy(t, address, user(1)), healthy(t, s.URL(), user(1))
	for round := range 3 {
		proxy.Hold(redistest.ToClient) // Redis executes, and the answer does not arrive
		for i := range 10 {
			p.say(user(1), fmt.Sprint(round, i))
		}
		other.awaitTexts(10*round + 1)
		proxy.Reset()
		proxy.Pass(redistest.ToClient)
		if o := p.outcome(fmt.Sprint(round, 9)); o.Err != nil || !o.Stored {
			t.Fatalf("%+v", o)
		}
	}
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprint(i/10, i%10))
	}
	for _, one := range []*peer{p, other} {
		if got := one.awaitTexts(30); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	}
	if f := p.Figures(); f.Retried < 3 {
		t.Errorf("%d batches were retried", f.Retried)
	}
	if first, last := p.outcome("0 0").Seq, p.outcome("2 9").Seq; last-first != 29 {
		t.Errorf("30 messages have the numbers %d to %d", first, last)
	}
}

func TestAJoinUnderWayOutlivesTheConnection(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy, address := through(t, s)
	p := healthy(t, address)
	proxy.Hold(redistest.ToClient)
	p.Join(cluster.Arrival{Channel: user(1), After: cluster.None})
	p.await("subscription", func() bool {
		list, _ := s.Do(t, "PUBSUB", "SHARDCHANNELS", "*u:*").([]any)
		return len(list) == 1
	})
	proxy.Reset()
	proxy.Pass(redistest.ToClient)
	p.await("answer", func() bool { return len(p.joined) == 1 })
	if j := p.last(user(1)); j.Err != nil || j.Seq == 0 {
		t.Errorf("%+v", j)
	}
}

func TestASilentFailoverChangesTheEpoch(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	epoch := p.EpochOf(user(1))
	c, err := redistest.Dial(s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, command := range [][]string{{"MULTI"}, {"REPLICAOF", "127.0.0.1", "1"}, {"REPLICAOF", "NO", "ONE"}, {"EXEC"}} {
		if _, err := c.Do(command...); err != nil {
			t.Fatal(err)
		}
	}
	p.await("another epoch", func() bool { return p.EpochOf(user(1)) != epoch && p.Bus.State() == cluster.Healthy })
}

func TestManyResetsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy, address := through(t, s)
	p, other := healthy(t, address, broadcast, user(1)), healthy(t, s.URL(), broadcast, user(1))
	var want []string
	for i := range 300 {
		if i%60 == 30 {
			proxy.Reset()
		}
		want = append(want, fmt.Sprintf("%03d", i))
		p.say([]cluster.Channel{broadcast, user(1)}[i%2], want[i])
		if i%10 == 9 {
			p.outcome(want[i])
		}
	}
	if got := other.awaitTexts(300); !slices.Equal(got, want) {
		t.Errorf("the other node got %q", got)
	}
	p.awaitTexts(300)
	if got := p.texts(); !slices.IsSorted(pick(got, 0)) || !slices.IsSorted(pick(got, 1)) || len(got) != 300 {
		t.Errorf("the node got %q", got) // the history is read by channel, so the order of two may differ
	}
}

// pick returns the texts that end with an even or odd digit.
func pick(texts []string, odd byte) (list []string) {
	for _, text := range texts {
		if text[2]%2 == odd {
			list = append(list, text)
		}
	}
	return list
}

func TestAnOutputBufferThatOverflowsIsRepaired(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "client-output-buffer-limit pubsub 64kb 64kb 1")
	proxy, address := through(t, s)
	h := testHistory
	h.BroadcastBytes = 64 << 20
	p, other := start(t, address, h), start(t, s.URL(), h)
	for _, one := range []*peer{p, other} {
		one.await("health", func() bool { return one.Bus.State() == cluster.Healthy && one.rejoins > 0 })
	}
	p.persists = true // a busy machine may take longer than cluster.JoinPatience to read all
	p.enter(broadcast)
	proxy.Hold(redistest.ToClient)
	bytes := make([]byte, 15_000)
	_, _ = rand.NewChaCha8([32]byte{}).Read(bytes)
	text := hex.EncodeToString(bytes) // which the bus hardly compresses
	const all = 400                   // more than Redis, the sockets and the proxy hold
	for i := range all {
		other.say(broadcast, fmt.Sprint(i, text))
		if i%100 == 99 {
			other.outcome(fmt.Sprint(i, text))
		}
	}
	proxy.Pass(redistest.ToClient)
	p.await("another connection", func() bool { return p.rejoins == 2 })
	p.awaitTexts(all)
}

// TestAUserWithFewRightsIsEnough has a bus do all that it can do, through TLS. Redis records the commands that it has denied.
func TestAUserWithFewRightsIsEnough(t *testing.T) {
	t.Parallel()
	s := redistest.StartTLS(t, "user bus on >secret "+rights(t))
	address := s.UserURL("bus", "secret") + "?ca=" + url.QueryEscape(s.CA())
	p := healthy(t, address, user(1), broadcast)
	other := healthy(t, address)
	for i := range 40 {
		p.say(user(1), fmt.Sprint(i, strings.Repeat("x", 9000)))
	}
	p.awaitTexts(40)
	s.Do(t, "SCRIPT", "FLUSH")
	p.Publish(cluster.Message{To: user(1), JSON: []byte("once"), Once: cluster.Once{Sender: user(2).User, ID: []byte("7")}, Ref: "once"})
	if _, texts := other.catchUp(user(1), p.outcome("once").Seq-1); !slices.Equal(texts, []string{"once"}) {
		t.Errorf("a node that resumes got %q", texts)
	}
	if err := p.keepNotice("banned", 0); err != nil {
		t.Error(err)
	}
	other.comes(1)
	other.awaitMoved("+user 1")
	other.Close()
	p.awaitMoved("-user 1")
	if last := healthy(t, address); !slices.Equal(last.noticed, []string{"banned"}) || !last.SendNote("", []byte("a note")) {
		t.Errorf("the last node knows of %q", last.noticed)
	}
	p.await("note", func() bool { return len(p.told) == 1 })
	p.Leave(user(1))
	p.enter(user(2))
	if denied := s.Do(t, "ACL", "LOG"); len(denied.([]any)) > 0 || p.Figures().GivenUp != 0 {
		t.Errorf("denied: %v; %+v", denied, p.Figures())
	}
}
