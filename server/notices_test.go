package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
	"momentum/server/cluster"
)

// TestNoticesThatTheBusHasLostAreKeptAgain has Redis restart empty twice: nodes that are connected, and one that starts later, know the ban.
func TestNoticesThatTheBusHasLostAreKeptAgain(t *testing.T) {
	c := newCluster(t, 1, 2, 10)
	ban := c.ban(t, "ann", c.nodes[0].net.Now().Unix()+600)
	gone := c.ban(t, "bob", c.nodes[0].net.Now().Unix()+600)
	c.settle()
	c.nodes[0].net.Advance(1e9)
	c.lift(t, gone)
	c.settle()
	for round := range 2 {
		for _, b := range c.engine.Buses() {
			b.Cut()
		}
		c.engine.Flush()
		c.engine.Buses()[0].Heal()
		c.settle()
		c.add(uint64(10 + round)) // it comes before the notices do
		for _, b := range c.engine.Buses() {
			if b.Away() {
				b.Heal()
			}
		}
		c.pass(time.Second)
		c.add(uint64(20 + round))
		c.settle()
		for i, w := range c.nodes {
			if until := w.server.RevokedUntil(ban); until != ban.Until {
				t.Errorf("round %d: node %d bans the user until %d", round, i, until)
			}
			if until := w.server.RevokedUntil(gone); until != 0 {
				t.Errorf("round %d: node %d bans a user until %d who is not banned any more", round, i, until)
			}
		}
	}
}

// TestALiftHoldsWhenANodeThatMissedItKeepsTheBanAgain: the node was cut off during the lift, and Redis is empty before it is back.
func TestALiftHoldsWhenANodeThatMissedItKeepsTheBanAgain(t *testing.T) {
	for first := range 2 {
		c := newCluster(t, 1, 2, 10)
		ban := c.ban(t, "ann", c.nodes[0].net.Now().Unix()+600)
		c.settle()
		b := c.engine.Buses()
		b[1].Cut()
		c.settle()
		c.nodes[0].net.Advance(1e9)
		c.lift(t, ban)
		b[0].Cut()
		c.engine.Flush()
		for _, i := range []int{first, 1 - first} {
			b[i].Heal()
			c.pass(time.Second)
		}
		c.add(3)
		c.settle()
		for i, w := range c.nodes {
			if until := w.server.RevokedUntil(ban); until != 0 {
				t.Errorf("node %d first: node %d bans the user until %d", first, i, until)
			}
		}
	}
}

// noticeOf is a notice as it is kept.
func noticeOf(t *testing.T, one notice) notice {
	t.Helper()
	text, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	return parseNotices([][]byte{text})[0]
}

// timed returns notices with a clock that the test sets.
func timed() (n *notices, now *time.Duration) {
	now = new(time.Duration)
	n = &notices{
		now: func() time.Time { return time.Unix(0, 0).Add(*now) }, elapsed: func() time.Duration { return *now },
		random: rand.New(rand.NewPCG(1, noticesStream)),
		known:  newKnownNotices(),
	}
	return n, now
}

func TestNoticesThatAreRefusedAreTriedAgainLater(t *testing.T) {
	n, now := lostBans(t, 3)
	all := n.next(2)
	if len(all) != 2 || all[0].kept().Until != 900 {
		t.Fatalf("%+v", all)
	}
	if more := n.next(2); len(more) != 0 {
		t.Errorf("%+v are kept before the others have an outcome", more)
	}
	n.settled(all[0], nil)
	if news := n.settled(all[1], errors.New("full")); len(news) != 1 || news[0].text != all[0].text {
		t.Errorf("the news is %+v", news)
	}
	if more := n.next(2); len(more) != 0 {
		t.Errorf("%+v is tried again at once", more)
	}
	*now = noticeDelay
	again := n.next(2)
	if len(again) != 1 || again[0].text != all[1].text {
		t.Fatalf("after a refusal, %+v are tried", again)
	}
	n.settled(again[0], nil)
	last := n.next(2)
	if len(last) != 1 || last[0].text == all[0].text || last[0].text == all[1].text {
		t.Fatalf("%+v", last)
	}
	n.settled(last[0], nil)
	if *now = time.Minute; len(n.next(2)) != 0 {
		t.Error("a notice that is kept is kept again")
	}
}

// TestAnOutcomeFromBeforeAReadingIsNoProof: Redis has kept the notice, and lost it again before this node heard of that.
func TestAnOutcomeFromBeforeAReadingIsNoProof(t *testing.T) {
	n, _ := lostBans(t, 1)
	one := n.next(1)[0]
	n.read(nil)
	n.settled(one, nil)
	if again := n.next(1); len(again) != 1 || again[0].text != one.text {
		t.Fatalf("%+v are kept again", again)
	}
	n.settled(one, nil)
	if more := n.next(1); len(more) != 0 {
		t.Errorf("%+v are kept once more", more)
	}
}

// TestARefusalLeavesOneNoticeToTry: a bus that is full, and of which all nodes ask this much, has nothing else to do.
func TestARefusalLeavesOneNoticeToTry(t *testing.T) {
	n, now := lostBans(t, 200)
	for round, want := range []int{64, 1, 1, 1} {
		all := n.next(64)
		if len(all) != want {
			t.Errorf("round %d: %d notices", round, len(all))
		}
		for _, one := range all {
			n.settled(one, errors.New("full"))
		}
		*now += noticeDelay
	}
	n.settled(n.next(64)[0], nil)
	if all := n.next(64); len(all) != 64 {
		t.Errorf("%d notices after the bus has taken one", len(all))
	}
}

func TestWhatIsRefusedIsTriedLater(t *testing.T) {
	ban := auth.Ban(userID("ann"), 900)
	for _, one := range []notice{{Revocation: ban}, {Lift: &ban}} {
		n, now := timed()
		if !n.refused(noticeOf(t, one)) {
			t.Errorf("%+v is not tried later", one)
		}
		if all := n.next(1); len(all) != 0 {
			t.Errorf("%+v is tried again at once", all)
		}
		*now = noticeDelay
		if all := n.next(1); len(all) != 1 || all[0].about().UserID != ban.UserID {
			t.Errorf("it is not tried again: %+v", all)
		}
	}
}

// TestALiftIsTriedBeforeItsBan: the bus has refused both, in their order.
func TestALiftIsTriedBeforeItsBan(t *testing.T) {
	n, now := timed()
	ban := auth.Ban(userID("ann"), 900)
	n.refused(noticeOf(t, notice{Revocation: ban}))
	n.refused(noticeOf(t, notice{Lift: &ban, At: time.Unix(1, 0)}))
	*now = noticeDelay
	if all := n.next(1); len(all) != 1 || all[0].Lift == nil {
		t.Errorf("%+v", all)
	}
}

// TestANodeThatIsFullDoesNotPromiseToTryLater: and it keeps no list of what it has forgotten.
func TestANodeThatIsFullDoesNotPromiseToTryLater(t *testing.T) {
	n, _ := timed()
	for i := range cluster.MaxNotices {
		n.add(noticeOf(t, notice{Revocation: auth.Revocation{TokenID: fmt.Sprint(i), Until: 900}}))
	}
	ban := auth.Ban(userID("ann"), 900)
	if n.refused(noticeOf(t, notice{Lift: &ban})) || len(n.lost) != 0 {
		t.Errorf("%q are tried later", n.lost)
	}
}

func TestNoticesAreForgottenWhenTheyEnd(t *testing.T) {
	n, now := timed()
	for i := range cluster.MaxNotices + 10 {
		n.add(noticeOf(t, notice{Revocation: auth.Revocation{TokenID: fmt.Sprint(i), Until: 900}}))
	}
	if len(n.known.byText) != cluster.MaxNotices {
		t.Errorf("%d notices are remembered", len(n.known.byText))
	}
	*now = 900 * time.Second
	ban, over := auth.Ban(userID("ann"), 2000), auth.Ban(userID("bob"), 2000)
	for i, one := range []notice{{Revocation: ban}, {Revocation: over}, {Lift: &over}} {
		one.At = time.Unix(int64(i), 0)
		n.add(noticeOf(t, one))
	}
	if n.read(nil); len(n.known.byText) != 2 || len(n.lost) != 2 {
		t.Errorf("%d notices are remembered, and %d to be kept again", len(n.known.byText), len(n.lost))
	}
	*now = 2000 * time.Second
	if n.read(nil); len(n.known.byText) != 0 || len(n.known.bySubject) != 0 {
		t.Errorf("%d notices and %d subjects are remembered", len(n.known.byText), len(n.known.bySubject))
	}
}

// keepingBus is a bus of several nodes that counts the notices that it keeps, and the news of them.
type keepingBus struct {
	cluster.Bus // nil: the other methods are not called
	nodes       int
	kept        int
	sent        []notice
}

func (b *keepingBus) Nodes() []cluster.Peer { return make([]cluster.Peer, b.nodes) }

func (b *keepingBus) SendNote(_ cluster.NodeID, text []byte) bool {
	var n note
	if json.Unmarshal(text, &n) == nil && n.Kind == keptNotices {
		b.sent = append(b.sent, parseNews(n.Body)...)
	}
	return true
}

func (b *keepingBus) Keep(_ cluster.Notice, done func(error)) {
	b.kept++
	done(nil)
}

// lostBans returns notices of which the bus has lost some bans.
func lostBans(t *testing.T, bans int) (n *notices, now *time.Duration) {
	t.Helper()
	n, now = timed()
	for i := range bans {
		n.add(noticeOf(t, notice{Revocation: auth.Revocation{TokenID: fmt.Sprint(i), Until: 900}, At: time.Unix(int64(i), 0)}))
	}
	n.read(nil)
	return n, now
}

// TestNodesShareTheNoticesOfATick: the outcomes come from the goroutine that renews the node's lease.
func TestNodesShareTheNoticesOfATick(t *testing.T) {
	for nodes, each := range map[int]int{1: 64, 3: 21, 64: 1, 100: 1} {
		n, _ := lostBans(t, 150)
		bus := &keepingBus{nodes: nodes}
		n.peers = &peers{bus: bus}
		for i := range 4 {
			n.keepLost()
			if want := min((i+1)*each, 150); bus.kept != want || len(bus.sent) != want {
				t.Errorf("%d nodes: after %d ticks, one has %d notices kept and told of %d, want %d", nodes, i+1, bus.kept, len(bus.sent), want)
			}
		}
	}
}

// TestATickHasBoundedNotices: of large texts, and of ones that other nodes have kept.
func TestATickHasBoundedNotices(t *testing.T) {
	n, _ := timed()
	for i := range 20 {
		one := noticeOf(t, notice{Revocation: auth.Revocation{TokenID: fmt.Sprint(i), Until: 900}})
		one.text += strings.Repeat(" ", noticeBytes/4)
		n.add(one)
	}
	if n.read(nil); len(n.next(noticesATick)) != 4 {
		t.Errorf("of 20 large notices, %d are taken", 20-len(n.lost))
	}
	n, _ = lostBans(t, noticeLooks+2)
	for _, is := range n.known.byText {
		is.inBus = true
	}
	if all := n.next(noticesATick); len(all) != 0 || len(n.lost) != 2 {
		t.Errorf("of %d notices that the bus has, %d are looked at, and %d taken", noticeLooks+2, noticeLooks+2-len(n.lost), len(all))
	}
}

// TestATickDoesNotWaitForNotices: a reader of 100,000 has the lock.
func TestATickDoesNotWaitForNotices(t *testing.T) {
	n, _ := lostBans(t, 1)
	n.mu.Lock()
	if all := n.next(1); len(all) > 0 {
		t.Error("a notice is taken while another goroutine has the lock")
	}
	n.mu.Unlock()
	if all := n.next(1); len(all) == 0 {
		t.Error("it is not taken afterwards")
	}
}

func TestNodesShareTheLostNotices(t *testing.T) {
	var orders [2][]string
	for i := range orders {
		n, _ := lostBans(t, 20)
		lift := auth.Revocation{TokenID: "lifted", Until: 900}
		n.add(noticeOf(t, notice{Lift: &lift, At: time.Unix(1, 0)}))
		n.random = rand.New(rand.NewPCG(uint64(i), noticesStream))
		n.read(nil)
		n.add(n.known.byText[n.lost[5]].notice) // another node's news
		for all := n.next(1); len(all) > 0; all = n.next(1) {
			orders[i] = append(orders[i], all[0].text)
			n.settled(all[0], nil)
		}
		if len(orders[i]) != 20 || n.known.byText[orders[i][0]].Lift == nil {
			t.Errorf("node %d keeps %q", i, orders[i])
		}
	}
	if slices.Equal(orders[0], orders[1]) {
		t.Error("both nodes keep them in the same order")
	}
}

func TestNoticesThatHaveEndedHaveNoEffect(t *testing.T) {
	n, now := lostBans(t, 1)
	*now = 900 * time.Second
	if all := n.next(1); len(all) > 0 {
		t.Errorf("notices that have ended are kept again: %+v", all)
	}
	over := noticeOf(t, notice{Revocation: auth.Ban(userID("ann"), 900)})
	if valid := n.read([]notice{over}); len(valid) != 0 || len(n.known.byText) != 0 {
		t.Errorf("in force: %+v, known: %d", valid, len(n.known.byText))
	}
}

// TestTheNewsOfALiftLeavesLaterBans: it comes late if the bus had lost it.
func TestTheNewsOfALiftLeavesLaterBans(t *testing.T) {
	ban := auth.Ban(userID("ann"), 900)
	lift := noticeOf(t, notice{Lift: &ban, At: time.Unix(2, 0)})
	later := noticeOf(t, notice{Revocation: ban, At: time.Unix(3, 0)})
	n, _ := timed()
	n.add(later)
	if revoked, _ := effects(n.add(lift)); !slices.Equal(revoked, []auth.Revocation{ban}) {
		t.Errorf("after the lift: %v", revoked)
	}
	if valid := n.add(lift); len(valid) != 0 {
		t.Errorf("a lift that the node knows has an effect: %+v", valid)
	}
}

func TestANodeThatIsFullOfNoticesLooksForRoomOnceASecond(t *testing.T) {
	n, now := timed()
	for i := range cluster.MaxNotices {
		n.add(noticeOf(t, notice{Revocation: auth.Revocation{TokenID: fmt.Sprint(i), Until: 900}}))
	}
	lift := auth.Revocation{TokenID: "lifted", Until: 2000}
	for _, step := range []struct {
		at    time.Duration
		known int
	}{{899500 * time.Millisecond, cluster.MaxNotices}, {900 * time.Second, cluster.MaxNotices}, {900500 * time.Millisecond, 1}} {
		*now = step.at
		if valid := n.add(noticeOf(t, notice{Lift: &lift, At: time.Unix(1, 0)})); len(valid) != 1 {
			t.Errorf("at %v the lift has no effect", step.at)
		}
		if subjects := len(n.known.bySubject); len(n.known.byText) != step.known || subjects != step.known {
			t.Errorf("at %v: %d notices of %d subjects are remembered", step.at, len(n.known.byText), subjects)
		}
	}
}
