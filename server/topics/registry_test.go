package topics

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/internal/serial"
	"momentum/server/history"
)

var limits = history.Limits{Messages: 10, Bytes: 1000, Age: time.Minute}

func ignore(*Topic, *history.Store) {}

func post(r *Registry, name string, now time.Duration) (seq uint64) {
	r.With([]byte(name), func(t *Topic, s *history.Store) {
		seq = s.Next(&t.Channel)
		s.Keep(&t.Channel, []byte("hi"), uuid.Nil, now)
	})
	return seq
}

// TestRegistryAgreesWithAModel subscribes and unsubscribes at random, and compares the counts.
func TestRegistryAgreesWithAModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	r := New(3, limits, 1<<20, 0, 1)
	type subscription struct {
		topic   *Topic
		reactor int
	}
	var all []subscription
	counts := map[string][3]int{}
	now := time.Duration(0)
	for range 20_000 {
		now += time.Duration(random.IntN(100)) * time.Millisecond
		if i := random.IntN(200); i >= len(all) {
			name, reactor := fmt.Sprint("topic", random.IntN(50)), random.IntN(3)
			topic := r.Subscribe([]byte(name), reactor, ignore)
			all = append(all, subscription{topic, reactor})
			c := counts[name]
			c[reactor]++
			counts[name] = c
		} else {
			r.Unsubscribe(all[i].topic, all[i].reactor, now)
			c := counts[all[i].topic.Name]
			c[all[i].reactor]--
			counts[all[i].topic.Name] = c
			all[i] = all[len(all)-1]
			all = all[:len(all)-1]
		}
		if random.IntN(10) == 0 {
			r.Expire(now)
		}
	}
	if r.Subscriptions() != len(all) {
		t.Errorf("%d subscriptions are counted as %d", len(all), r.Subscriptions())
	}
	for name, want := range counts {
		known := r.With([]byte(name), func(topic *Topic, _ *history.Store) {
			if topic.Subscribers() != want[0]+want[1]+want[2] || topic.On(0) != (want[0] > 0) || topic.On(2) != (want[2] > 0) {
				t.Errorf("%s has %d subscribers, want %v", name, topic.Subscribers(), want)
			}
		})
		if sum := want[0] + want[1] + want[2]; sum > 0 && !known {
			t.Errorf("%s is not known and has %d subscribers", name, sum)
		}
	}
}

func TestATopicIsForgottenAfterTheAge(t *testing.T) {
	r := New(1, limits, 1<<20, 0, 1)
	topic := r.Subscribe([]byte("news"), 0, ignore)
	if post(r, "news", 0) != 1 || post(r, "other", 0) != 0 {
		t.Error("a topic that is known has no number, or one that is not has one")
	}
	if bytes, limit := r.Kept(); bytes == 0 || bytes > limit {
		t.Errorf("%d bytes of %d are kept", bytes, limit)
	}
	r.Unsubscribe(topic, 0, time.Second)
	r.Expire(60 * time.Second)
	if seq := post(r, "news", 60*time.Second); seq != 2 {
		t.Errorf("within the age the topic has number %d", seq)
	}
	r.Expire(61 * time.Second)
	if r.With([]byte("news"), ignore) {
		t.Error("the topic is known after the age")
	}
	again := r.Subscribe([]byte("news"), 0, func(topic *Topic, s *history.Store) {
		if topic.Channel.Seq() < 2 || s.Since(&topic.Channel, 1, 0) != history.LostToAge {
			t.Errorf("a forgotten topic begins anew with number %d", topic.Channel.Seq())
		}
	})
	r.Expire(time.Hour)
	if !r.With([]byte("news"), ignore) || again.Name != "news" {
		t.Error("a topic with a subscriber is forgotten")
	}
}

func TestSubscriptionsAreLimited(t *testing.T) {
	r := New(1, limits, 1<<20, 2, 1)
	a := r.Subscribe([]byte("a"), 0, ignore)
	if r.Subscribe([]byte("b"), 0, ignore) == nil || r.Subscribe([]byte("c"), 0, ignore) != nil {
		t.Error("the limit of 2 is not kept")
	}
	r.Unsubscribe(a, 0, 0)
	if r.Subscribe([]byte("c"), 0, ignore) == nil {
		t.Error("a subscription that has ended still counts")
	}
}

// TestPostsAndSubscriptionsRace runs with the race detector.
func TestPostsAndSubscriptionsRace(t *testing.T) {
	r := New(2, limits, 1<<20, 0, 1)
	var all sync.WaitGroup
	for reactor := range 2 {
		all.Go(func() {
			for i := range 2000 {
				name := fmt.Sprint("topic", i%7)
				topic := r.Subscribe([]byte(name), reactor, ignore)
				post(r, name, 0)
				r.Unsubscribe(topic, reactor, 0)
				r.Page("", 3)
			}
		})
	}
	all.Wait()
	if r.Subscriptions() != 0 {
		t.Errorf("%d subscriptions are left", r.Subscriptions())
	}
}

// TestMadeUpTopicsAreForgotten subscribes to and leaves far more topics than may be idle.
func TestMadeUpTopicsAreForgotten(t *testing.T) {
	serial.Test(t)
	r := New(1, limits, 1<<20, 0, 1)
	for i := range 3 * shardCount * idlePerShard {
		r.Unsubscribe(r.Subscribe(fmt.Append(nil, i), 0, ignore), 0, 0)
	}
	known := 0
	for i := range r.shards {
		known += len(r.shards[i].topics)
	}
	if known > shardCount*idlePerShard {
		t.Errorf("%d topics without subscribers are kept", known)
	}
}
