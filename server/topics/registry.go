// Package topics knows the topics of a node: their subscribers by reactor, and the channel of each, with its number and its
// last messages. It knows neither sessions nor sockets. See docs/adr/0023-topic-registry.md.
package topics

import (
	"sync"
	"sync/atomic"
	"time"

	"momentum/server/history"
	"momentum/server/ordered"
	"momentum/server/presence"
)

// Registry has the topics that have subscribers, or had some within the age of the history. Any goroutine may call it.
//
// Times are elapsed times since the start of the node.
type Registry struct {
	reactors      int
	keep          time.Duration
	limit         int64        // subscriptions
	subscriptions atomic.Int64 // of all topics
	rooms         atomic.Int64 // what rooms count for the limit, in subscriptions
	key           uint64
	shards        [shardCount]shard
}

// Topic is one topic. Everything but the name and Here belongs to the lock of its shard.
type Topic struct {
	Name    string
	Channel history.Channel
	In      history.Membership // of Channel, if the node is in a cluster
	// Here has what each reactor knows of the topic. An element belongs to its reactor.
	Here []Here

	counts     []int32 // subscriptions on each reactor
	total      int
	room       *room         // nil unless a subscriber asks for presence
	idleSince  time.Duration // when the last subscription ended, while total is 0
	next, prev *Topic        // of the topics without subscriptions
}

// Here is what one reactor knows of a topic while it has subscribers there.
type Here struct {
	ID      int32  // in the reactor's fan-out; 0: none
	Room    int32  // the same, of the log of presence; 0 if no subscriber there asks for it
	Applied uint64 // number of the last message that the fan-out has
	Epoch   uint32 // of Applied, if the node is in a cluster
}

// shard is the part of the registry under one lock.
type shard struct {
	sync.Mutex
	topics  map[string]*Topic
	order   ordered.Set[name, *Topic] // the same, by name
	history history.Store
	idle    queue
	rooms   []*room // of its topics, in no order
	next    int     // index of the room that the next tick begins with
	most    int     // topics of the order that were looked at under one hold, at most: for a test
}

// Look is a function that is called under a topic's lock, with the store of its messages.
type Look func(t *Topic, store *history.Store)

// New makes a registry for a number of reactors. Each topic keeps messages within the limits, and all of them within room
// bytes. There may be at most limit subscriptions; 0 is no limit. The key should be random, so that clients cannot choose names
// that have one lock; registries with the same key number their topics alike.
func New(reactors int, l history.Limits, room, limit int, key uint64) *Registry {
	r := &Registry{reactors: reactors, keep: l.Age, limit: int64(limit), key: key}
	for i := range r.shards {
		r.shards[i].topics = make(map[string]*Topic)
		r.shards[i].history = history.NewStore(l, room/shardCount)
	}
	return r
}

func (r *Registry) shardOf(name []byte) *shard {
	return &r.shards[spread(r.key, name)%shardCount]
}

// Subscribe adds a subscription on a reactor, and makes the topic if there is none. do is called under the lock under which
// messages of the topic are numbered and posted: they are posted to the reactor from then on. The result is nil if there are
// as many subscriptions as allowed.
func (r *Registry) Subscribe(name []byte, reactor int, do Look) *Topic {
	s := r.shardOf(name)
	s.Lock()
	defer s.Unlock()
	t := s.topics[string(name)]
	if !r.take(1, t.share()) {
		return nil
	}
	if t == nil {
		t = s.open(name, r.reactors)
	} else if t.total == 0 {
		s.idle.remove(t)
	}
	t.counts[reactor]++
	t.total++
	do(t, &s.history)
	return t
}

// open makes a topic.
func (s *shard) open(name []byte, reactors int) *Topic {
	t := &Topic{Name: string(name), Channel: s.history.Open(), Here: make([]Here, reactors), counts: make([]int32, reactors)}
	s.topics[t.Name] = t
	s.order.Insert(t)
	return t
}

// Prepare calls do for a topic that is about to get a subscription, and makes it if there is none. If it gets none, it is removed
// when it is as old as the history keeps, like a topic whose subscribers have left.
func (r *Registry) Prepare(name []byte, elapsed time.Duration, do Look) {
	s := r.shardOf(name)
	s.Lock()
	defer s.Unlock()
	t := s.topics[string(name)]
	if t == nil {
		t = s.open(name, r.reactors)
		s.idle.push(t, elapsed)
	}
	do(t, &s.history)
	if s.idle.size > idlePerShard {
		s.forget(s.idle.first)
	}
}

// Each yields the names of all topics with subscribers, in no order. It holds no lock meanwhile.
func (r *Registry) Each(yield func(name string) bool) {
	for i := range r.shards {
		for after, more := "", true; more; {
			var names []string
			after, more = r.shards[i].visit(after, topicsAtOnce, func(t *Topic) {
				if t.total > 0 {
					names = append(names, t.Name)
				}
			})
			for _, name := range names {
				if !yield(name) {
					return
				}
			}
		}
	}
}

// take adds to the counts, unless that exceeds the limit.
func (r *Registry) take(subscriptions, share int) bool {
	all := r.subscriptions.Add(int64(subscriptions)) + r.rooms.Add(int64(share))
	if r.limit > 0 && all > r.limit {
		r.give(subscriptions, share)
		return false
	}
	return true
}

func (r *Registry) give(subscriptions, share int) {
	r.subscriptions.Add(-int64(subscriptions))
	r.rooms.Add(-int64(share))
}

// Unsubscribe removes a subscription on a reactor, and returns the topic's room, if it has one.
func (r *Registry) Unsubscribe(t *Topic, reactor int, elapsed time.Duration) *presence.Room {
	s := r.shardOf([]byte(t.Name))
	s.Lock()
	defer s.Unlock()
	r.give(1, t.share())
	t.counts[reactor]--
	if t.total--; t.total == 0 {
		s.idle.push(t, elapsed)
	}
	if s.idle.size > idlePerShard {
		s.forget(s.idle.first)
	}
	return t.Room()
}

// forget forgets a topic without subscribers.
func (s *shard) forget(t *Topic) {
	s.idle.remove(t)
	s.history.Forget(&t.Channel)
	delete(s.topics, t.Name)
	s.order.Remove(t)
}

// With calls do for a topic, and reports whether there is one. The topic may have no subscribers.
func (r *Registry) With(name []byte, do Look) bool {
	s := r.shardOf(name)
	s.Lock()
	defer s.Unlock()
	t := s.topics[string(name)]
	if t == nil {
		return false
	}
	do(t, &s.history)
	return true
}

// On reports whether a topic has subscribers on a reactor. The caller holds its lock.
func (t *Topic) On(reactor int) bool { return t.counts[reactor] > 0 }

// Subscribers returns the number of subscriptions. The caller holds the topic's lock.
func (t *Topic) Subscribers() int { return t.total }

// Subscriptions returns the number of subscriptions of all topics.
func (r *Registry) Subscriptions() int { return int(r.subscriptions.Load()) }

// Kept returns the memory that the messages of all topics take, and its limit.
func (r *Registry) Kept() (bytes, limit int) {
	for i := range r.shards {
		s := &r.shards[i]
		s.Lock()
		bytes, limit = bytes+s.history.Bytes(), limit+s.history.Room()
		s.Unlock()
	}
	return bytes, limit
}

// Expire forgets topics that have had no subscribers for longer than the age, and messages that are too old. It looks at a
// bounded number under each lock; the next call goes on.
func (r *Registry) Expire(elapsed time.Duration) {
	for i := range r.shards {
		r.shards[i].expire(elapsed, r.keep)
	}
}

func (s *shard) expire(elapsed, keep time.Duration) {
	s.Lock()
	defer s.Unlock()
	for range topicsAtOnce {
		t := s.idle.first
		if t == nil || elapsed-t.idleSince < keep {
			break
		}
		s.forget(t)
	}
	s.history.Expire(elapsed, topicsAtOnce)
}
