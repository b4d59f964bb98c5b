package redis

import (
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"momentum/server/cluster"
)

const (
	callChannels = 256 // of one call of a script; half as many if it reads messages
	joinMargin   = 300 * time.Millisecond
)

// join serves Joins and Leaves until the bus is closed.
func (b *Bus) join() {
	p, s := pace{each: paceEach, max: paceJoins, full: roundChannels}, subscriber{bus: b, late: newLate(&b.options.History)}
	for {
		select {
		case <-b.closing:
			return
		case <-b.joins.wake:
		}
		for b.gather(&p) {
			if s.attachment, _ = b.current(); s.attachment == nil {
				break // the next attachment wakes us
			}
			began := b.options.Now()
			ok := s.round()
			if p.begin(began, len(s.requests)); !ok {
				break
			}
		}
	}
}

// gather waits for more requests while they come without a pause. It returns false if the bus is closed.
func (b *Bus) gather(p *pace) bool {
	had := b.joins.count()
	for wait := p.wait(b.options.Now(), had); wait > 0; wait = p.wait(b.options.Now(), had) {
		timer := time.NewTimer(min(wait, paceGap))
		select {
		case <-b.closing:
			timer.Stop()
			return false
		case <-b.joins.full:
			timer.Stop()
		case <-timer.C:
			now := b.joins.count()
			if now == had {
				return true
			}
			had = now
			continue
		}
		had = b.joins.count()
	}
	return true
}

// expireJoins answers the Joins that wait for too long.
func (b *Bus) expireJoins(now time.Time) {
	a, _ := b.current()
	channels := b.joins.expire(now.Add(joinMargin-cluster.JoinPatience), a != nil)
	if len(channels) == 0 {
		return
	}
	answers := make([]cluster.Joined, len(channels))
	for i, c := range channels {
		answers[i] = cluster.Joined{Channel: c, Err: cluster.ErrUnavailable}
	}
	b.inbox.call(0, func(n cluster.Node) { n.Joined(answers) })
}

// subscriber serves Joins and Leaves, one round after the other. The next round uses its memory again.
type subscriber struct {
	bus        *Bus
	attachment *attachment
	requests   []request
	refused    []error          // of each request
	answers    []cluster.Joined // of each request; Err is set until the channel is joined. The node gets this memory
	ended      []request        // the requests after the round
	late       late
}

// round serves the next requests. It returns false if there are none, or if the attachment has ended: then they wait for the next.
func (s *subscriber) round() bool {
	if s.requests = s.bus.joins.begin(s.requests); len(s.requests) == 0 {
		return false
	}
	s.late.begin(s.attachment, s.bus.options.Now())
	s.answers = make([]cluster.Joined, len(s.requests))
	s.refused = append(s.refused[:0], make([]error, len(s.requests))...)
	err := s.subscribe()
	if err == nil {
		err = s.read()
	}
	if err != nil {
		s.attachment.end(err)
	}
	if s.ended = s.bus.joins.end(s.bus.options.Now(), s.ended); err != nil {
		s.bus.joins.repeat(unexpired(s.ended))
		return false
	}
	s.bus.joins.repeat(s.settle(s.ended))
	return true
}

// unexpired returns the requests of a round that can be served by the next attachment.
func unexpired(round []request) (again []request) {
	for _, r := range round {
		if !r.expired {
			again = append(again, r)
		}
	}
	return again
}

// settle answers the Joins of a round, and returns the requests that follow from it. The node is told that it is not in a channel
// if the Join has expired or was refused, so that is made true.
func (s *subscriber) settle(round []request) (again []request) {
	answers := s.answers[:0] // at most as many as were read
	size := 0
	for i, r := range round {
		switch {
		case r.leave:
			continue
		case s.refused[i] != nil:
			s.answers[i] = cluster.Joined{Channel: r.arrival.Channel, Err: cluster.ErrUnavailable}
		case r.expired && r.reads():
			s.late.keep(s.answers[i], r.arrival.After, s.bus.options.Now())
		}
		if r.expired || s.refused[i] != nil {
			again = append(again, request{arrival: cluster.Arrival{Channel: r.arrival.Channel}, leave: true})
		}
		if !r.expired {
			answers = append(answers, s.answers[i])
			size += joinedBytes(s.answers[i])
		}
	}
	s.bus.figures.joined.Add(uint64(len(answers)))
	if len(answers) == 0 {
		return again
	}
	e := event{generation: s.attachment.generation, size: size, call: func(n cluster.Node) { n.Joined(answers) }}
	s.answers = nil // they are the node's
	if !s.bus.inbox.put(e) {
		return unexpired(round)
	}
	return again
}

// subscribe subscribes to the channels that the node joins, unsubscribes from those that it leaves, and makes the calls of scripts that read
// no messages. All this is one round trip, because Redis takes the commands of a connection in order.
func (s *subscriber) subscribe() error {
	for _, l := range s.attachment.links {
		joins, leaves := s.groups(l, commandChannels, request.joins), s.groups(l, commandChannels, request.leaves)
		var commands []rueidis.Completed
		for _, group := range joins {
			commands = append(commands, l.subscription.B().Ssubscribe().Channel(s.channels(group)...).Build())
		}
		for _, group := range leaves {
			l.leaving.Add(int64(len(group)))
			commands = append(commands, l.subscription.B().Sunsubscribe().Channel(s.channels(group)...).Build())
		}
		if len(commands) == 0 {
			continue
		}
		results, err := s.evaluate(l.subscription, commands, slices.Concat(
			s.groups(l, callChannels, request.joinsWithoutReading), s.groups(l, callChannels, request.leaves)))
		for i, group := range append(joins, leaves...) {
			if err := s.refuse(group, results[i].Error()); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads the missed messages of channels that are subscribed by now. They do not come on the connection for subscriptions: Redis closes it
// when more waits for it than its client-output-buffer-limit allows, and would do so again and again.
func (s *subscriber) read() error {
	for _, l := range s.attachment.links {
		if groups := s.groups(l, callChannels/2, request.reads); len(groups) > 0 {
			if _, err := s.evaluate(l.client, nil, groups); err != nil {
				return err
			}
		}
	}
	return nil
}

// evaluate makes some commands, and then the calls of scripts for groups of requests. It returns the results of all.
func (s *subscriber) evaluate(client rueidis.CoreClient, before []rueidis.Completed, groups [][]int) ([]rueidis.RedisResult, error) {
	calls := make([]evaluation, len(groups))
	for i, group := range groups {
		if s.requests[group[0]].leave {
			calls[i] = s.leaveCall(group)
		} else {
			calls[i] = s.joinCall(group)
		}
	}
	s.bus.figures.joinTrips.Add(1)
	results := evaluateAfter(before, client, calls)
	for i, group := range groups {
		r := results[len(before)+i]
		if err := s.refuse(group, r.Error()); err != nil {
			return results, err
		}
		if r.Error() == nil && !s.requests[group[0]].leave {
			if err := s.readAnswers(group, r); err != nil {
				return results, err
			}
		}
	}
	return results, nil
}

func (r request) joins() bool               { return !r.leave }
func (r request) leaves() bool              { return r.leave }
func (r request) reads() bool               { return !r.leave && r.arrival.After != cluster.None }
func (r request) joinsWithoutReading() bool { return !r.leave && r.arrival.After == cluster.None }

// groups returns the requests of a kind for the channels of a link, by partition, in groups of a limited size. It leaves out those that
// Redis has refused.
func (s *subscriber) groups(l *link, limit int, is func(request) bool) (groups [][]int) {
	open := make(map[int]int) // the last group of each partition
	for i, r := range s.requests {
		partition := s.attachment.names.partition(r.arrival.Channel)
		if !is(r) || s.attachment.owner[partition] != l || s.refused[i] != nil {
			continue
		}
		g, ok := open[partition]
		if !ok || len(groups[g]) == limit {
			g = len(groups)
			groups = append(groups, nil)
			open[partition] = g
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// channels returns the names of the pub/sub channels of a group.
func (s *subscriber) channels(group []int) []string {
	names := make([]string, len(group))
	for i, r := range group {
		names[i] = s.attachment.names.part(s.requests[r].arrival.Channel, pubsub)
	}
	return names
}

// refuse notes the refusal of a group, or returns an error that ends the attachment.
func (s *subscriber) refuse(group []int, err error) error {
	if isFatal(err) {
		return err
	}
	if err == nil {
		return nil
	}
	for _, i := range group {
		s.refused[i] = err
	}
	s.attachment.faults.warn(s.bus.options.Log, "Redis refuses channels", err) // the node asks for them again and again
	return nil
}

func (s *subscriber) joinCall(group []int) evaluation {
	n := s.attachment.names
	ep := s.attachment.epochs[n.partition(s.requests[group[0]].arrival.Channel)]
	e := evaluation{script: &joinScript, keys: []string{ep.key}, args: []string{ep.value}}
	for _, i := range group {
		a, after := s.requests[i].arrival, ""
		if a.After != cluster.None {
			after = strconv.FormatUint(s.late.after(a), 10)
		}
		e.keys = append(e.keys, n.part(a.Channel, counter))
		e.args = append(e.args, after)
	}
	for _, i := range group {
		if a := s.requests[i].arrival; a.After != cluster.None {
			e.keys = append(e.keys, n.part(a.Channel, list))
		}
	}
	return e
}

func (s *subscriber) leaveCall(group []int) evaluation {
	e := evaluation{script: &leaveScript, args: []string{strconv.Itoa(int(s.bus.options.History.Age.Seconds()))}}
	for _, i := range group {
		c := s.requests[i].arrival.Channel
		e.keys = append(e.keys, s.attachment.names.part(c, counter), s.attachment.names.part(c, pubsub))
	}
	return e
}

// readAnswers reads the answer to a call of the join script.
func (s *subscriber) readAnswers(group []int, r rueidis.RedisResult) error {
	answer, err := r.ToArray()
	if err != nil {
		return err
	}
	for _, i := range group {
		a := s.requests[i].arrival
		j := cluster.Joined{Channel: a.Channel, Epoch: s.attachment.epochs[s.attachment.names.partition(a.Channel)].id}
		if answer, err = readJoined(&j, answer, s.late.after(a), s.limit(a.Channel)); err != nil {
			return err
		}
		s.late.complete(&j, a, s.limit(a.Channel))
		j.Kept = recent(j.Kept, s.bus.options.Now().Add(-s.bus.options.History.Age))
		s.answers[i] = j
	}
	if len(answer) > 0 {
		return errBundle
	}
	return nil
}

// limit returns how many bytes of messages are read of a channel: twice its limit, since lists are trimmed at each 16th entry.
func (s *subscriber) limit(c cluster.Channel) int {
	h := &s.bus.options.History
	if c.Kind == cluster.Broadcast {
		return 2 * h.BroadcastBytes
	}
	return 2 * h.Bytes
}
