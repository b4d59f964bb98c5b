package redis

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestNodesGetTheMessagesOfTheirChannelsInOneOrder(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	topic := cluster.TopicOf("news: {a} b")
	a := healthy(t, s.URL(), broadcast, user(1), topic)
	b := healthy(t, s.URL(), broadcast, user(1), topic)
	var want []string
	for i := range 300 {
		text := fmt.Sprintf(`{"n":%d`, i)
		a.say([]cluster.Channel{broadcast, user(1), topic}[i*7%5%3], text)
		want = append(want, text)
	}
	for _, p := range []*peer{a, b} {
		if got := p.awaitTexts(300); !slices.Equal(got, want) {
			t.Errorf("the messages of one sender came in another order: %q", got)
		}
	}
	if o := a.outcome(`{"n":299`); o.Nodes != 2 || !o.Stored || o.Err != nil {
		t.Errorf("the outcome is %+v", o)
	}
}

func TestCloseEndsAllGoroutines(t *testing.T) {
	s := redistest.Start(t)
	before := runtime.NumGoroutine()
	p := healthy(t, s.URL(), user(1))
	one := runtime.NumGoroutine()
	for i := range 100 {
		p.enter(cluster.TopicOf(fmt.Sprint(i)))
		p.say(broadcast, fmt.Sprint(i))
	}
	p.outcome("99")
	if n := runtime.NumGoroutine(); n > one+2 || one-before > 14 {
		t.Errorf("%d goroutines, then %d, then %d", before, one, n)
	}
	p.Close()
	if p.Publish(cluster.Message{To: broadcast}) {
		t.Error("a bus that is closed takes a message")
	}
	p.await("end of the goroutines", func() bool { return runtime.NumGoroutine() <= before })
	p.Close()
}

func TestCloseDoesNotWaitForRedis(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	s.Pause(t)
	defer s.Resume(t)
	p.say(user(1), "a")
	began := time.Now()
	p.Close()
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestFlushWaitsUntilRedisHasTheMessages(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	s.Pause(t)
	p.say(user(1), "a")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Flush(over); err == nil {
		t.Error("a message that Redis has not taken is flushed")
	}
	s.Resume(t)
	if err := p.Flush(t.Context()); err != nil || p.Figures().OutboxBytes != 0 {
		t.Errorf("%v, with %d bytes left", err, p.Figures().OutboxBytes)
	}
}
