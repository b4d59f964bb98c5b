package fanout

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestChainsOfManySubscriptionsAgainstAModel has members subscribe to topics and rooms in random order and unsubscribe again, and compares them with sets.
func TestChainsOfManySubscriptionsAgainstAModel(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := testFanout()
		var all []Topic
		rooms := make(map[Topic]bool)
		for range 1 << r.IntN(12) {
			topic := f.AddTopic()
			if r.IntN(4) == 0 {
				topic = f.AddRoom()
				rooms[topic] = true
			}
			all = append(all, topic)
		}
		members := make([]*sink, 3)
		sets := make([]map[Topic]bool, len(members))
		for i := range members {
			members[i], sets[i] = &sink{user: user(i)}, make(map[Topic]bool)
			f.Join(members[i])
		}
		for step := range 20_000 {
			i, topic := r.IntN(len(members)), all[r.IntN(len(all))]
			s, had := members[i], sets[i][topic]
			if f.Subscribed(s, topic) != had {
				t.Fatalf("seed %d: whether a member has subscribed to %d of %d topics: not %v", seed, topic, len(all), had)
			}
			if r.IntN(10) < 4+2*(step/5000%2) { // more of them, then fewer
				if f.Subscribe(s, topic) == had {
					t.Fatalf("seed %d: a subscription, had before: %v", seed, had)
				}
				sets[i][topic] = true
			} else {
				if f.Unsubscribe(s, topic) != had {
					t.Fatalf("seed %d: the end of a subscription, had before: %v", seed, had)
				}
				delete(sets[i], topic)
			}
			if step%100 == 0 {
				compareTopics(t, f, s, sets[i], rooms)
			}
		}
		for i, s := range members {
			compareTopics(t, f, s, sets[i], rooms)
			f.Leave(s)
		}
		if f.subscriptions.used != 0 || f.subscriptions.many.used != 0 {
			t.Errorf("seed %d: %d subscriptions and %d members with many are left", seed, f.subscriptions.used, f.subscriptions.many.used)
		}
	}
}

// compareTopics compares a member's topics with a set of them and of rooms.
func compareTopics(t *testing.T, f *Fanout[*sink], s *sink, want, rooms map[Topic]bool) {
	t.Helper()
	var topics, all, listed []Topic
	for topic := range want {
		all = append(all, topic)
		if !rooms[topic] {
			topics = append(topics, topic)
		}
	}
	m := s.Member()
	for i := f.subscriptions.first(m.subscriptions); i != 0; i = f.subscriptions.after(m.subscriptions, f.subscriptions.at(i)) {
		listed = append(listed, f.subscriptions.at(i).topic)
	}
	got := slices.Collect(f.Topics(s))
	for _, list := range [][]Topic{topics, all, listed, got} {
		slices.Sort(list)
	}
	if !slices.Equal(listed, all) || !slices.Equal(got, topics) || f.TopicCount(s) != len(topics) {
		t.Fatalf("%d subscriptions are listed of %d, %d topics of %d, counted %d", len(listed), len(all), len(got), len(topics), f.TopicCount(s))
	}
}

// steps returns how many subscriptions a search for one looks at, at most and on average.
func steps(f *Fanout[*sink], s *sink) (most int, average float64) {
	sum, n := 0, 0
	for topic := range f.Topics(s) {
		at := 1
		for i := *f.subscriptions.chain(&s.Member().subscriptions, topic); f.subscriptions.at(i).topic != topic; i = f.subscriptions.at(i).next {
			at++
		}
		most, sum, n = max(most, at), sum+at, n+1
	}
	return most, float64(sum) / float64(n)
}

// TestASubscriptionIsFoundInAFewSteps subscribes a member to up to 4,096 topics, and ends most of the subscriptions again.
func TestASubscriptionIsFoundInAFewSteps(t *testing.T) {
	for _, stride := range []int{1, 2, 3, 8, 100} { // the numbers of its topics
		f := testFanout()
		s := &sink{user: user(1)}
		f.Join(s)
		var topics []Topic
		for i := range 4096 * stride {
			if topic := f.AddTopic(); i%stride == 0 {
				topics = append(topics, topic)
			}
		}
		check := func(n int) {
			most, average := steps(f, s)
			if most > longChain || n > longChain && average > fullChains {
				t.Fatalf("%d topics, each %dth: a search looks at %d subscriptions, on average %.1f", n, stride, most, average)
			}
			if c := f.subscriptions.of(s.Member().subscriptions); c != nil && len(c.heads) > n {
				t.Fatalf("%d topics are in %d chains", n, len(c.heads))
			}
		}
		for i, topic := range topics {
			if f.Subscribe(s, topic); i < 64 || i%64 == 0 {
				check(i + 1)
			}
		}
		for i, topic := range topics[1:] {
			if f.Unsubscribe(s, topic); i > 4000 || i%64 == 0 {
				check(len(topics) - i - 1)
			}
		}
	}
}
