package redis

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// last returns the latest answer for a channel.
func (p *peer) last(c cluster.Channel) (j cluster.Joined) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.joined {
		if one.Channel == c {
			j = one
		}
	}
	return j
}

// catchUp joins a channel again and returns the answer, with texts of its own.
func (p *peer) catchUp(c cluster.Channel, after uint64) (j cluster.Joined, texts []string) {
	p.t.Helper()
	n := len(p.joined)
	p.Join(cluster.Arrival{Channel: c, After: after, Again: true})
	p.await("answer", func() bool { return len(p.joined) > n })
	j = p.last(c)
	for _, d := range j.Kept {
		texts = append(texts, string(d.JSON))
	}
	return j, texts
}

func TestAJoinBringsTheMessagesThatTheNodeLacks(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	base := p.last(user(1)).Seq
	for i := range 10 {
		p.say(user(1), fmt.Sprint(i))
	}
	p.outcome("9")
	for after := range uint64(11) {
		j, texts := p.catchUp(user(1), base+after)
		if want := p.texts()[after:]; !slices.Equal(texts, want) || j.Seq != base+10 || j.Bounded || j.Epoch != p.EpochOf(user(1)) {
			t.Errorf("after %d: %q, not %q: %+v", after, texts, want, j)
		}
	}
	if j, texts := p.catchUp(user(1), cluster.None); len(texts) != 0 || j.Seq != base+10 {
		t.Errorf("%+v", j)
	}
}

func TestTheFirstMessagesOfAListMayBeTooOld(t *testing.T) {
	now := time.Now()
	kept := []cluster.Delivery{{Seq: 1, Sent: now.Add(-2)}, {Seq: 2, Sent: now}, {Seq: 3, Sent: now.Add(-1)}}
	if got := recent(kept, now); len(got) != 2 || got[0].Seq != 2 {
		t.Errorf("%+v", got) // without a gap, whatever the clocks of the senders say
	}
	if got := recent(kept, now.Add(1)); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestTheHistoryIsBoundedByMessages(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1), user(2))
	base := p.last(user(1)).Seq
	for i := range 200 {
		p.say(user(1), fmt.Sprint(i))
		p.say(user(2), "between, so that there are no bundles")
	}
	p.outcome("199")
	j, texts := p.catchUp(user(1), base)
	if len(texts) < testHistory.Messages || len(texts) > testHistory.Messages+16 || texts[len(texts)-1] != "199" || !j.Bounded {
		t.Errorf("%d messages are kept, bounded: %v", len(texts), j.Bounded)
	}
	if j, texts := p.catchUp(user(1), base+150); len(texts) != 50 || j.Bounded {
		t.Errorf("%d of 50 messages, bounded: %v", len(texts), j.Bounded)
	}
}

// TestAJoinIsOneRoundTrip, and a Join that reads messages two: they come on the connection for commands.
func TestAJoinIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	p := healthy(t, redistest.Start(t).URL(), user(1))
	before := p.Figures().JoinTrips
	p.enter(user(2))
	if trips := p.Figures().JoinTrips - before; trips != 1 {
		t.Errorf("%d round trips for a Join", trips)
	}
	p.catchUp(user(2), p.last(user(2)).Seq)
	if trips := p.Figures().JoinTrips - before; trips != 3 {
		t.Errorf("%d round trips for that and a Join with messages", trips)
	}
}

// TestALongBundleTakesNoLaterMessagesAlong when the history is trimmed.
func TestALongBundleTakesNoLaterMessagesAlong(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1), user(2))
	base := p.last(user(1)).Seq
	s.Pause(t)
	for i := range 150 {
		p.say(user(1), fmt.Sprint(i)) // all but the first are one bundle
	}
	s.Resume(t)
	p.outcome("149")
	for i := range 14 {
		p.say(user(1), fmt.Sprint("later ", i))
		p.say(user(2), "between, so that there are no more bundles")
	}
	p.outcome("later 13")
	if _, texts := p.catchUp(user(1), base); len(texts) < testHistory.Messages {
		t.Errorf("%d messages are kept of the last %d", len(texts), testHistory.Messages)
	}
}

// TestMessagesThatCompressWellAreReadWithinTheLimit has Redis keep many times as many bytes as the history may have.
func TestMessagesThatCompressWellAreReadWithinTheLimit(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1), user(2))
	base := p.last(user(1)).Seq
	text := strings.Repeat("x", testHistory.Bytes/2)
	for i := range 20 {
		p.say(user(1), fmt.Sprint(i, text))
		p.say(user(2), "between")
	}
	p.outcome(fmt.Sprint(19, text))
	j, texts := p.catchUp(user(1), base)
	if len(texts) != 3 || texts[2] != fmt.Sprint(19, text) || !j.Bounded {
		t.Errorf("%d messages of %d bytes, bounded: %v", len(texts), len(text), j.Bounded)
	}
	p.say(user(1), strings.Repeat("y", 5*testHistory.Bytes))
	p.outcome(strings.Repeat("y", 5*testHistory.Bytes))
	if _, texts := p.catchUp(user(1), base); len(texts) != 1 {
		t.Errorf("%d messages beside one that is above the limit", len(texts))
	}
}

func TestTheHistoryIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1), user(2))
	base := p.last(user(1)).Seq
	text := noise(3000)
	for i := range 90 {
		p.say(user(1), fmt.Sprint(i, text))
		p.say(user(2), "between")
	}
	p.outcome(fmt.Sprint(89, text))
	j, texts := p.catchUp(user(1), base)
	if n := len(texts) * 3000; n > testHistory.Bytes+16*3000 || n < testHistory.Bytes/2 || !j.Bounded {
		t.Errorf("%d bytes are kept, bounded: %v", n, j.Bounded)
	}
	long := noise(2 * testHistory.Bytes)
	p.say(user(1), long)
	p.outcome(long)
	if _, texts := p.catchUp(user(1), base); len(texts) != 1 {
		t.Errorf("%d messages are kept beside one that is above the limit", len(texts))
	}
}

func TestWithoutHistoryNothingIsKept(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := start(t, s.URL(), History{})
	p.await("health", func() bool { return p.Bus.State() == cluster.Healthy })
	p.enter(user(1))
	p.say(user(1), "a")
	if o := p.outcome("a"); o.Stored || o.Nodes != 1 {
		t.Errorf("%+v", o)
	}
	if _, texts := p.catchUp(user(1), 0); len(texts) != 0 {
		t.Errorf("%q is kept", texts)
	}
}

func TestManyChannelsAreJoinedInFewRoundTrips(t *testing.T) {
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	var list []cluster.Channel
	for i := range 1000 {
		list = append(list, cluster.TopicOf(fmt.Sprint(i)))
	}
	p.enter(list...)
	if f := p.Figures(); f.JoinTrips > 20 || f.Joined != 1000 {
		t.Errorf("%d round trips for %d channels", f.JoinTrips, f.Joined)
	}
	p.say(list[999], "a")
	if o := p.outcome("a"); o.Nodes != 1 {
		t.Errorf("%+v", o)
	}
}

func TestJoinsAndLeavesTakeEffectInOrder(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	for i := range 20 {
		for range i % 3 {
			p.Leave(user(byte(i)))
			p.Join(cluster.Arrival{Channel: user(byte(i)), After: cluster.None})
		}
		p.Join(cluster.Arrival{Channel: user(byte(i)), After: cluster.None})
		if i%2 == 1 {
			p.Leave(user(byte(i)))
		}
	}
	p.enter(broadcast)
	p.await("joins", func() bool { return len(p.joined) == 20+19+1 })
	for i := range 20 {
		p.say(user(byte(i)), fmt.Sprint(i))
		if o := p.outcome(fmt.Sprint(i)); o.Nodes != 1-i%2 {
			t.Errorf("user %d: %+v", i, o)
		}
	}
}

func TestTheCounterExpiresAfterTheLastNodeHasLeft(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := healthy(t, s.URL(), user(1)), healthy(t, s.URL(), user(1))
	ttl := func() any { return s.Do(t, "TTL", "mo:s:"+userName(1)) }
	a.Leave(user(1))
	a.enter(user(2))
	if got := ttl(); got != int64(-1) {
		t.Errorf("the counter expires in %v s while a node has the channel", got)
	}
	b.Leave(user(1))
	b.enter(user(2))
	if got := ttl().(int64); got < 1 || got > 60 {
		t.Errorf("the counter expires in %v s", got)
	}
	s.Do(t, "EXPIRE", "mo:s:"+userName(1), "5")
	a.say(user(1), "kept")
	if o := a.outcome("kept"); !o.Stored || o.Nodes != 0 || o.Err != nil {
		t.Errorf("%+v", o)
	}
	if got := ttl().(int64); got < 10 {
		t.Errorf("the counter expires in %v s, before the message", got)
	}
	a.enter(user(1))
	if got := ttl(); got != int64(-1) {
		t.Errorf("the counter expires in %v s after a node has come back", got)
	}
}

func TestTheCountersOfChannelsThatAreLeftAtTheEndExpire(t *testing.T) {
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	var list []cluster.Channel
	for i := range 1000 {
		list = append(list, cluster.TopicOf(fmt.Sprint(i)))
	}
	p.enter(list...)
	for _, c := range list {
		p.Leave(c)
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Close()
	for _, c := range list {
		if ttl := s.Do(t, "TTL", "mo:ts:"+c.Name).(int64); ttl < 1 {
			t.Fatalf("the counter of topic %s expires in %d s", c.Name, ttl)
		}
	}
}

func TestLeavesThatCannotBeMadeHoldUpNoFlush(t *testing.T) {
	p := start(t, "redis://127.0.0.1:1", testHistory)
	p.Leave(user(1))
	if err := p.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestACounterThatIsMadeAgainRepeatsNoNumbers(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1), broadcast)
	p.say(user(1), "a")
	p.say(broadcast, "b")
	before, beforeB := p.outcome("a").Seq, p.outcome("b").Seq
	s.Do(t, "INCRBY", "mo:s:"+userName(1), "100000") // as if it had had many messages in a second
	made := time.Now()
	p.await("another second", func() bool { return time.Since(made) > 1100*time.Millisecond })
	name := userName(1)
	s.Do(t, "DEL", "mo:s:"+name, "mo:s")
	p.say(user(1), "c") // the node has the channel, so the counter heals itself
	p.say(broadcast, "d")
	if o := p.outcome("c"); o.Seq < before+131_000 || o.Nodes != 1 {
		t.Errorf("%+v after the number %d", o, before)
	}
	if o := p.outcome("d"); o.Seq < beforeB+131_000 {
		t.Errorf("%+v after the number %d", o, beforeB)
	}
	s.Do(t, "DEL", "mo:s:"+name)
	if j, _ := p.catchUp(user(1), cluster.None); j.Seq < before+131_000 {
		t.Errorf("%+v", j)
	}
}

func TestAJoinIsAnsweredInTimeIfRedisIsAway(t *testing.T) {
	p := start(t, "redis://127.0.0.1:1", testHistory)
	asked := time.Now()
	p.Join(cluster.Arrival{Channel: user(1)})
	p.awaitFor(cluster.JoinPatience, "answer", func() bool { return len(p.joined) == 1 })
	if j := p.last(user(1)); j.Err == nil || time.Since(asked) < cluster.JoinPatience/2 {
		t.Errorf("%+v after %v", j, time.Since(asked))
	}
	if p.EpochOf(user(1)) != 0 {
		t.Error("there is an epoch")
	}
}

func TestARefusedOrExpiredJoinIsLeftAgain(t *testing.T) {
	p := newPeer(t)
	b := &Bus{options: Options{Log: quiet, Now: time.Now}, inbox: newInbox(p, inboxBytes), joins: newJoins()}
	b.inbox.turn(1, nil)
	joined := func(n byte) cluster.Joined { return cluster.Joined{Channel: user(n), Seq: 1} }
	s := &subscriber{bus: b, attachment: &attachment{generation: 1}}
	s.late = newLate(&testHistory)
	s.late.begin(s.attachment, time.Now())
	read := func() { s.answers = []cluster.Joined{joined(1), joined(2), joined(3), {}} }
	read()
	for i := range 3 {
		s.answers[i].Kept = []cluster.Delivery{{Channel: user(byte(i) + 1), Seq: 1}}
	}
	s.refused = []error{nil, nil, errBundle, nil}
	round := []request{asked(1, time.Time{}), asked(2, time.Time{}), asked(3, time.Time{}), left(4)}
	round[1].expired = true
	if again := s.settle(round); len(again) != 2 || !again[0].leave || again[0].arrival.Channel != user(2) || again[1].arrival.Channel != user(3) {
		t.Errorf("%+v", again)
	}
	if _, kept := s.late.answers[user(2)]; !kept || len(s.late.answers) != 1 {
		t.Errorf("late: %+v", s.late.answers) // only the one that was read and has expired
	}
	go b.inbox.run()
	p.await("answers", func() bool { return len(p.joined) == 2 })
	if p.joined[0].Err != nil || p.joined[1].Err == nil || p.joined[1].Channel != user(3) {
		t.Errorf("%+v", p.joined)
	}
	b.inbox.turn(2, nil)
	read()
	if again := s.settle(round); len(again) != 3 || again[0].leave {
		t.Errorf("after the end of the attachment: %+v", again)
	}
	b.inbox.close()
}

// userName is the name of a user in keys.
func userName(n byte) string {
	c := user(n)
	return encoding.EncodeToString(c.User[:])
}

// TestARefusalOfChannelsIsLoggedOnce, however often the node asks for them, until Redis gives another reason or is connected anew.
func TestARefusalOfChannelsIsLoggedOnce(t *testing.T) {
	t.Parallel()
	client, err := (&dialer{target: &target{}, lost: func(error) {}}).client(redistest.Start(t).Addr(), 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	refusal := func(text string) error {
		return client.Do(t.Context(), client.B().Eval().Script("return redis.error_reply(ARGV[1])").Numkeys(0).Arg(text).Build()).Error()
	}
	full, forbidden := refusal("OOM command not allowed"), refusal("NOPERM no permissions")
	var log bytes.Buffer
	b := &Bus{options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	s := &subscriber{bus: b, attachment: &attachment{}, refused: make([]error, 2)}
	for _, err := range []error{full, full, nil, full, forbidden, forbidden} {
		if broken := s.refuse([]int{0, 1}, err); broken != nil {
			t.Fatal(broken)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 2 || strings.Count(log.String(), "NOPERM") != 1 {
		t.Errorf("%d lines:\n%s", lines, log.String())
	}
}
