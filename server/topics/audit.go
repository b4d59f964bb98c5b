package topics

import (
	"errors"
	"fmt"

	"momentum/server/history"
)

// Audit compares the counts of subscriptions with the subscriptions on the reactors, and the counted memory of messages with the
// messages. found returns how many subscriptions a reactor has. It looks at some topics at a time, so in a registry that changes
// meanwhile it may report a difference that is gone a moment later. It reports at most a few differences of each shard.
func (r *Registry) Audit(found func(t *Topic, reactor int) int) error {
	var all census
	for i := range r.shards {
		all.take(&r.shards[i], found)
	}
	if counted := r.Subscriptions(); counted != all.subscriptions {
		all.fault(fmt.Errorf("%d subscriptions are counted as %d", all.subscriptions, counted))
	}
	if counted := int(r.rooms.Load()); counted != all.share {
		all.fault(fmt.Errorf("presence counts for %d subscriptions, counted as %d", all.share, counted))
	}
	return all.faults
}

// census adds up the topics of all shards.
type census struct {
	subscriptions int
	share         int // what presence counts for the limit
	faults        error
}

func (c *census) fault(err error) { c.faults = errors.Join(c.faults, err) }

// take adds the topics of one shard.
func (c *census) take(s *shard, found func(t *Topic, reactor int) int) {
	topics, idle := 0, 0
	var difference error
	for after, more := "", true; more; {
		after, more = s.visit(after, auditedAtOnce, func(t *Topic) {
			if topics++; t.total == 0 {
				idle++
			}
			c.subscriptions += t.total
			if t.room != nil {
				c.share += roomShare + occupantShare*t.total
			}
			if err := t.audit(found); err != nil {
				difference = err
			}
		})
	}
	c.fault(difference)
	c.fault(s.auditHistory())
	s.Lock()
	defer s.Unlock()
	if topics != len(s.topics) || idle != s.idle.size {
		c.fault(fmt.Errorf("%d topics, %d of them without subscribers, are counted as %d and %d", topics, idle, len(s.topics), s.idle.size))
	}
}

// audit compares the count of one topic's subscriptions with the subscriptions on the reactors.
func (t *Topic) audit(found func(t *Topic, reactor int) int) error {
	sum := 0
	for reactor, counted := range t.counts {
		if n := found(t, reactor); n != int(counted) {
			return fmt.Errorf("topic %s has %d subscriptions on reactor %d, counted as %d", t.Name, n, reactor, counted)
		}
		sum += int(counted)
	}
	if sum != t.total {
		return fmt.Errorf("topic %s has %d subscriptions, counted as %d", t.Name, sum, t.total)
	}
	return nil
}

// auditHistory compares the memory of the messages with what is counted.
func (s *shard) auditHistory() error {
	var sum history.Sum
	for more := true; more; {
		s.Lock()
		more = sum.Add(&s.history, topicsAtOnce)
		s.Unlock()
	}
	return sum.Fault()
}
