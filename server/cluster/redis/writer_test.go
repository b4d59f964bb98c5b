package redis

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestAStoppedRedisPublishesNothingTwice(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := healthy(t, s.URL(), broadcast, user(1)), healthy(t, s.URL(), broadcast, user(1))
	a.say(user(1), "before")
	a.outcome("before")
	a.await("an idle bus", a.Bus.Idle)
	s.Pause(t)
	a.say(user(1), "unknown") // Redis has it in its socket, and executes it when it goes on
	a.await("slowness", func() bool { return a.Bus.State() == cluster.Slow })
	if a.Bus.Idle() {
		t.Error("the bus is idle while Redis has not answered")
	}
	a.say(user(1), "held")
	a.await("loss", func() bool { return a.Bus.State() == cluster.Held })
	s.Resume(t)
	a.say(user(1), "after")
	if o := a.outcome("unknown"); o.Err != nil || !o.Stored {
		t.Errorf("%+v", o)
	}
	if o := a.outcome("after"); o.Err != nil {
		t.Errorf("%+v", o)
	}
	want := []string{"before", "unknown", "held", "after"}
	for _, p := range []*peer{a, b} {
		if got := p.awaitTexts(4); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	}
	if f := a.Figures(); f.Retried == 0 {
		t.Error("no batch was retried")
	}
	if o := a.outcome("after"); o.Seq != a.outcome("before").Seq+3 {
		t.Errorf("a message was published twice: %d after %d", o.Seq, a.outcome("before").Seq)
	}
}

func TestALongerStopGivesUpWhatWaits(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), broadcast)
	s.Kill(t)
	p.await("loss", func() bool { return p.Bus.State() == cluster.Held })
	p.Publish(cluster.Message{To: broadcast, But: user(3).User, JSON: []byte("no ref")})
	p.say(broadcast, "held")
	p.await("local mode", func() bool { return p.Bus.State() == cluster.Local })
	asked := time.Now()
	p.say(broadcast, "local")
	for _, text := range []string{"held", "local"} {
		if o := p.outcome(text); !errors.Is(o.Err, cluster.ErrUnavailable) || string(o.Lost.JSON) != text || o.Lost.To != broadcast {
			t.Errorf("%+v", o)
		}
	}
	if waited := time.Since(asked); waited > time.Second {
		t.Errorf("a message was given up after %v", waited)
	}
	if o := p.settled[0]; o.Ref != nil || string(o.Lost.JSON) != "no ref" || o.Lost.But != user(3).User {
		t.Errorf("%+v", o)
	}
	if f := p.Figures(); f.GivenUp != 3 || f.OutboxBytes != 0 {
		t.Errorf("%+v", f)
	}
}

// insisting is a node that publishes again each message that is given up.
type insisting struct {
	cluster.Node
	outbox *outbox
}

func (n insisting) Settled(list []cluster.Outcome) {
	for range list {
		n.outbox.add(cluster.Message{}, time.Time{})
	}
}

func TestAFloodInLocalModeDoesNotKeepTheWriter(t *testing.T) {
	o := newOutbox(outboxBytes)
	b := &Bus{outbox: o, inbox: newInbox(insisting{outbox: o}, 1)} // one call waits at a time
	for range 3 * deliverySlice {
		o.add(cluster.Message{}, time.Time{})
	}
	go b.inbox.run()
	defer b.inbox.close()
	done := make(chan struct{})
	go func() {
		w := &writer{bus: b}
		w.giveUp()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience / 5):
		t.Error("the writer does nothing but give up messages")
	}
}

func TestAFullRedisRefusesMessagesUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "maxmemory-policy noeviction")
	p := healthy(t, s.URL(), broadcast)
	s.Do(t, "CONFIG", "SET", "maxmemory", "1")
	p.await("loss", func() bool {
		p.Publish(cluster.Message{To: broadcast, JSON: []byte("full"), Ref: "full"})
		return p.Bus.State() == cluster.Held
	})
	if o := p.outcome("full"); !errors.Is(o.Err, cluster.ErrUnavailable) || string(o.Lost.JSON) != "full" {
		t.Errorf("%+v", o)
	}
	p.await("local mode", func() bool { return p.Bus.State() == cluster.Local })
	s.Do(t, "CONFIG", "SET", "maxmemory", "0")
	p.await("health", func() bool { return p.Bus.State() == cluster.Healthy })
	p.say(broadcast, "room")
	if o := p.outcome("room"); o.Err != nil || o.Nodes != 1 || p.rejoins != 1 {
		t.Errorf("%+v; %d attachments", o, p.rejoins)
	}
}

func TestTheOutboxRefusesMessagesAboveItsBound(t *testing.T) {
	p := start(t, "redis://127.0.0.1:1", testHistory)
	big := make([]byte, 1<<20)
	n := 0
	for p.Publish(cluster.Message{To: broadcast, JSON: big}) {
		n++
	}
	if n != 7 {
		t.Errorf("%d MiB are taken", n)
	}
	p.await("local mode", func() bool { return p.Figures().GivenUp == 7 })
	if !p.Publish(cluster.Message{To: broadcast, JSON: big}) {
		t.Error("there is no room after the messages were given up")
	}
}

func TestManySendersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), broadcast, user(1))
	done := make(chan struct{})
	for sender := range 4 {
		go func() {
			for i := range 500 {
				to := []cluster.Channel{broadcast, user(1)}[i%2]
				p.Publish(cluster.Message{To: to, JSON: fmt.Appendf(nil, "%d %03d", sender, i)})
			}
			done <- struct{}{}
		}()
	}
	for range 4 {
		<-done
	}
	p.awaitTexts(2000)
	last := map[string]string{}
	for _, text := range p.texts() {
		if text[2:] <= last[text[:1]] && last[text[:1]] != "" {
			t.Fatalf("sender %s: %s after %s", text[:1], text[2:], last[text[:1]])
		}
		last[text[:1]] = text[2:]
	}
}

// TestTheReceiptsOfASenderAreBounded has one user send more messages than have receipts.
func TestTheReceiptsOfASenderAreBounded(t *testing.T) {
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	const many = 10_000
	send := func(id int) {
		m := cluster.Message{To: user(1), JSON: []byte("x"), Ref: id, Once: cluster.Once{Sender: user(2).User, ID: fmt.Append(nil, id)}}
		p.await("room", func() bool { return p.Publish(m) })
	}
	for id := range many {
		send(id)
	}
	p.outcome(many - 1)
	keys, _ := s.Do(t, "KEYS", "mo:i:*").([]any)
	bytes := int64(0)
	for _, key := range keys {
		bytes += s.Do(t, "MEMORY", "USAGE", key.(string)).(int64)
	}
	if len(keys) != receiptKeys || bytes > receiptKeys*3072 {
		t.Errorf("%d keys have %d bytes of receipts", len(keys), bytes)
	}
	last := p.outcome(many - 1).Seq
	p.update(func() { p.settled = nil })
	for id := many - 200; id < many; id++ {
		send(id)
	}
	p.outcome(many - 1)
	send(many)
	if o := p.outcome(many); o.Seq != last+1 {
		t.Errorf("of the last 200 messages, %d were published again", o.Seq-last-1)
	}
}

// TestTheWriterWaitsAfterARoundOfManyMessages and not after few, nor before a batch of unknown outcome.
func TestTheWriterWaitsAfterARoundOfManyMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &attachment{names: &names{prefix: "mo", tags: whole}}
		b := &Bus{options: Options{Now: time.Now}, outbox: newOutbox(outboxBytes), attachment: a, state: cluster.Healthy}
		w := newWriter(b)
		w.planner.names = a.names
		for messages, want := range map[int]time.Duration{1: 0, 9: 0, 10: 10 * paceMessage, 40: 40 * paceMessage, 1000: paceMessages} {
			b.outbox.lone = loneMessages // so that no message for many waits
			for range messages {
				b.outbox.add(cluster.Message{To: broadcast}, time.Now())
				b.outbox.add(cluster.Message{To: broadcast, Wait: 1}, time.Now())
			}
			w.fill(time.Now())
			began := time.Now()
			w.gather()
			if waited := time.Since(began); waited != 0 {
				t.Errorf("a batch waited for %v", waited)
			}
			w.queue, w.batch = nil, nil // it is settled
			w.step()
			if waited := time.Since(began); waited != want {
				t.Errorf("after %d messages the writer waited for %v, want %v", messages, waited, want)
			}
		}
	})
}

// TestTheWriterSendsNothingAfterAnEndOfTheAttachment that came while it waited for more messages: their outcome would be unknown.
func TestTheWriterSendsNothingAfterAnEndOfTheAttachment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &Bus{options: Options{Now: time.Now}, outbox: newOutbox(outboxBytes), attachment: new(attachment), state: cluster.Healthy}
		w := newWriter(b)
		w.pace.begin(time.Now(), 1000)
		b.outbox.add(cluster.Message{To: broadcast}, time.Now())
		time.AfterFunc(paceMessages/2, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.attachment, b.state = nil, cluster.Held
		})
		if w.step(); w.batch != nil || len(b.outbox.waiting) != 1 {
			t.Error("the message is in a batch for a connection that has ended")
		}
	})
}
